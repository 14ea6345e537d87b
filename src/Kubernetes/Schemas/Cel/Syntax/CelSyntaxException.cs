namespace GpuStack.Kubernetes.Schemas.Cel.Syntax;

/// <summary>An expression that is no CEL, does not type-check, or needs what this evaluator does not have.</summary>
internal sealed class CelSyntaxException(int position, string problem) : Exception($"<input>:1:{position + 1}: {problem}")
{
    public string Problem { get; } = problem;
}
