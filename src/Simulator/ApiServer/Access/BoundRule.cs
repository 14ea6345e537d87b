namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>A rule and the binding that gives it to somebody.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Binding">As reviews describe it: <c>RoleBinding "NAME/NAMESPACE" of Role "ROLE" to User "WHO"</c>.</param>
internal sealed record BoundRule(PolicyRule Rule, string Binding);
