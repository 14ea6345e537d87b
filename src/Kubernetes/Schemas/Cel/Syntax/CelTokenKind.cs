namespace GpuStack.Kubernetes.Schemas.Cel.Syntax;

internal enum CelTokenKind
{
    End,
    Identifier,

    /// <summary>An operator or a bracket; the text says which.</summary>
    Symbol,
    Integer,
    Double,
    String,
}
