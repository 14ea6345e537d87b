using GpuStack.Kubernetes.Schemas.Cel.Evaluation;

namespace GpuStack.Kubernetes.Schemas.Cel;

/// <summary>One compiled entry of <c>x-kubernetes-validations</c>.</summary>
/// <param name="Expression">The rule as it was written.</param>
/// <param name="Program">The rule compiled.</param>
/// <param name="Message">The message given, trimmed, or null.</param>
/// <param name="MessageProgram">The message expression compiled, or null.</param>
/// <param name="Reason">The reason of the error.</param>
/// <param name="FieldPath">Where the error is shown below the node, e.g. <c>.spec.size</c>; empty for the node itself.</param>
internal sealed record CelRule(
    string Expression, CelProgram Program, string? Message, CelProgram? MessageProgram, FieldErrorReason Reason, string FieldPath)
{
    /// <summary>What to say when nothing better was given.</summary>
    public string DefaultMessage => Message ?? $"failed rule: {Expression.Trim()}";
}
