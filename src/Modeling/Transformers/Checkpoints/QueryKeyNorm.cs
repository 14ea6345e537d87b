namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>Norms of queries and keys.</summary>
internal enum QueryKeyNorm
{
    None,

    /// <summary>One weight per element of a head, shared by all heads.</summary>
    Head,

    /// <summary>One weight per element of all heads.</summary>
    Full,
}
