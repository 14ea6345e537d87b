using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.SGLang;

/// <summary>The settings of SGLang that decide how much memory it takes. Defaults are those of <c>sglang.launch_server</c>.</summary>
public sealed record SglangOptions
{
    /// <summary>The release whose rules apply.</summary>
    public EngineVersion Version { get; init; } = SglangRules.Newest;

    /// <summary>The memory of each GPU, as CUDA reports it: some 0.4 to 0.8 GiB less than <c>nvidia-smi</c> and node labels say.</summary>
    public required Bytes GpuMemory { get; init; }

    /// <summary>Memory of each GPU that other processes use.</summary>
    public Bytes MemoryInUse { get; init; }

    /// <summary>The GPU's product name, as the driver or a node's label gives it; null when unknown. Decides what NCCL takes.</summary>
    public string? GpuProduct { get; init; }

    /// <summary>Tensor-parallel ranks (<c>--tp-size</c>).</summary>
    public int TensorParallel { get; init; } = 1;

    /// <summary>Pipeline stages (<c>--pp-size</c>).</summary>
    public int PipelineParallel { get; init; } = 1;

    /// <summary>Whole experts per rank (<c>--ep-size</c> equal to the tensor-parallel size).</summary>
    public bool ExpertParallel { get; init; }

    /// <summary>
    /// The share of the memory that is free before the weights are loaded, for weights and cache together
    /// (<c>--mem-fraction-static</c>); null for the engine's choice by the GPU's memory.
    /// </summary>
    public double? MemoryFractionStatic { get; init; }

    /// <summary>The longest request (<c>--context-length</c>); null for the model's own context.</summary>
    public Tokens? ContextLength { get; init; }

    /// <summary>Requests at a time (<c>--max-running-requests</c>); null for as many as fit.</summary>
    public int? MaxRunningRequests { get; init; }

    /// <summary>Tokens of a prompt computed at a time (<c>--chunked-prefill-size</c>); null for the engine's choice by the GPU's memory.</summary>
    public int? ChunkedPrefillSize { get; init; }

    /// <summary>The largest batch captured as a CUDA graph (<c>--cuda-graph-max-bs</c>); null for the engine's choice by the GPU's memory.</summary>
    public int? CudaGraphMaxBatch { get; init; }

    /// <summary>No CUDA graphs (<c>--disable-cuda-graph</c>).</summary>
    public bool DisableCudaGraph { get; init; }

    /// <summary>The cache's element type (<c>--kv-cache-dtype</c>).</summary>
    public CacheElement KvCacheType { get; init; }

    /// <summary>The data type of weights and activations (<c>--dtype</c>); null for the checkpoint's.</summary>
    public ElementType? DataType { get; init; }

    /// <summary>Quantization while loading (<c>--quantization</c>).</summary>
    public LoadQuantization Quantization { get; init; }

    /// <summary>Tokens in a page of the cache (<c>--page-size</c>).</summary>
    public int PageSize { get; init; } = 1;

    /// <summary>Tokens of sliding-window layers for each token of the others (<c>--swa-full-tokens-ratio</c>).</summary>
    public double SlidingWindowRatio { get; init; } = 0.8;

    /// <summary>Caches for windows as large as for the whole context (<c>--disable-hybrid-swa-memory</c>); null for the engine's choice by architecture.</summary>
    public bool? DisableHybridCache { get; init; }

    /// <summary>Memory for recurrent states for each byte of attention's cache (<c>--mamba-full-memory-ratio</c>).</summary>
    public double RecurrentRatio { get; init; } = 0.9;
}
