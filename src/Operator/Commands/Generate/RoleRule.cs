namespace GpuStack.Operator.Commands.Generate;

/// <summary>One rule of a ClusterRole.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resource">Plural, with the subresource after a slash.</param>
/// <param name="Verbs">Lower-case verbs, sorted.</param>
internal sealed record RoleRule(string Group, string Resource, IReadOnlyList<string> Verbs);
