namespace GpuStack.Modeling.LlamaCpp.Parts;

/// <summary>The settings that llama-server takes for a draft model; the others (context, requests, batches, tensor split) are the model's.</summary>
public sealed record DraftOptions
{
    /// <summary>Element type of the draft's key cache (<c>-ctkd</c>); the model's setting does not count.</summary>
    public KvCacheType KeyType { get; init; } = KvCacheType.F16;

    /// <summary>Element type of the draft's value cache (<c>-ctvd</c>).</summary>
    public KvCacheType ValueType { get; init; } = KvCacheType.F16;

    /// <summary>Layers of the draft on devices (<c>-ngld</c>); null: all.</summary>
    public int? GpuLayers { get; init; }
}
