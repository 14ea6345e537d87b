namespace GpuStack.Kubernetes.Schemas;

/// <summary>What a node of a structural schema admits.</summary>
internal enum SchemaType
{
    /// <summary>Anything: <c>x-kubernetes-preserve-unknown-fields</c> without a type, or a value-only rule.</summary>
    Any,
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,

    /// <summary><c>x-kubernetes-int-or-string</c>.</summary>
    IntOrString,
}
