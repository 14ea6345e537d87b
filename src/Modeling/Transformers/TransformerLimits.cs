using GpuStack.Modeling.Safetensors;

namespace GpuStack.Modeling.Transformers;

/// <summary>Bounds on what a model's files may ask of their reader.</summary>
public sealed record TransformerLimits
{
    /// <summary>Bounds that every published model keeps with a wide margin.</summary>
    public static TransformerLimits Default { get; } = new();

    /// <summary>Bytes of <c>config.json</c> and its like.</summary>
    public int ConfigBytes { get; init; } = 4 << 20;

    /// <summary>Shards whose headers are read at the same time.</summary>
    public int ConcurrentShards { get; init; } = 8;

    /// <summary>Bounds of each safetensors header and of the index.</summary>
    public SafetensorsLimits Safetensors { get; init; } = SafetensorsLimits.Default;
}
