namespace GpuStack.Entities.Validation;

/// <summary>A field whose value cannot work.</summary>
/// <param name="Path">The field, such as <c>spec.engine.args[0]</c>.</param>
/// <param name="Message">What is expected and what to do.</param>
public sealed record FieldProblem(string Path, string Message)
{
    /// <summary><c>path: message</c>.</summary>
    public override string ToString() => $"{Path}: {Message}";
}
