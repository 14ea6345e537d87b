using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>The engine settings in use.</summary>
public sealed class EngineStatus
{
    /// <summary>The engine; never Auto.</summary>
    [Length(0, 32)]
    public string? Type { get; set; }

    /// <summary>Container image.</summary>
    [Length(0, 500)]
    public string? Image { get; set; }

    /// <summary>Tokens of one request.</summary>
    public long? ContextLength { get; set; }

    /// <summary>Requests processed at the same time.</summary>
    public int? ParallelRequests { get; set; }

    /// <summary>Data type of the KV cache.</summary>
    [Length(0, 16)]
    public string? KvCacheType { get; set; }

    /// <summary>Flash attention.</summary>
    public FeatureState? FlashAttention { get; set; }

    /// <summary>Layers on GPUs, output layer included (llama.cpp).</summary>
    public int? GpuLayers { get; set; }

    /// <summary>GPUs that share each layer.</summary>
    public int? TensorParallelism { get; set; }

    /// <summary>Stages that the layers are split into.</summary>
    public int? PipelineParallelism { get; set; }
}
