namespace GpuStack.Kubernetes.Schemas;

/// <summary>A field that the schema does not know; the API server drops it, warns of it or refuses it.</summary>
/// <param name="Path">The field, e.g. <c>spec.parts[0].sizes</c>.</param>
public sealed record UnknownField(string Path)
{
    /// <summary>The words of strict field validation, e.g. <c>unknown field "spec.sizes"</c>.</summary>
    public string Message => $"unknown field \"{Path}\"";
}
