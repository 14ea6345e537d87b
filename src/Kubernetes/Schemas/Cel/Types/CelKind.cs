namespace GpuStack.Kubernetes.Schemas.Cel.Types;

internal enum CelKind
{
    /// <summary>Known at run time only (int-or-string, mixed lists).</summary>
    Dyn,
    Null,
    Bool,
    Int,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    Quantity,
    Type,
    List,
    Map,

    /// <summary>An object with declared fields.</summary>
    Object,
}
