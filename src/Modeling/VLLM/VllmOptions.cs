using System.Collections.Immutable;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.VLLM;

/// <summary>The settings of vLLM that decide how much memory it takes. Defaults are those of <c>vllm serve</c>.</summary>
public sealed record VllmOptions
{
    /// <summary>The release whose rules apply: they changed several times (see <see cref="VllmRules"/>).</summary>
    public EngineVersion Version { get; init; } = VllmRules.Newest;

    /// <summary>The memory of each GPU, as CUDA reports it: some 0.4 to 0.8 GiB less than <c>nvidia-smi</c> and node labels say.</summary>
    public required Bytes GpuMemory { get; init; }

    /// <summary>Memory of each GPU that other processes use.</summary>
    public Bytes MemoryInUse { get; init; }

    /// <summary>The GPU's product name, as the driver or a node's label gives it; null when unknown. Decides batch sizes and collectives.</summary>
    public string? GpuProduct { get; init; }

    /// <summary>Tensor-parallel ranks (<c>--tensor-parallel-size</c>).</summary>
    public int TensorParallel { get; init; } = 1;

    /// <summary>Pipeline stages (<c>--pipeline-parallel-size</c>).</summary>
    public int PipelineParallel { get; init; } = 1;

    /// <summary>Layers of each stage (<c>VLLM_PP_LAYER_PARTITION</c>); empty for the engine's own rule.</summary>
    public ImmutableArray<int> LayersPerStage { get; init; } = [];

    /// <summary>Whole experts per rank instead of a part of each (<c>--enable-expert-parallel</c>).</summary>
    public bool ExpertParallel { get; init; }

    /// <summary>The share of the GPU's whole memory that the engine gives itself (<c>--gpu-memory-utilization</c>); null for the release's default.</summary>
    public double? GpuMemoryUtilization { get; init; }

    /// <summary>The longest request (<c>--max-model-len</c>); null for the model's own context.</summary>
    public Tokens? MaxModelLength { get; init; }

    /// <summary>Sequences in a batch (<c>--max-num-seqs</c>); null for the release's default.</summary>
    public int? MaxSequences { get; init; }

    /// <summary>Tokens in a batch (<c>--max-num-batched-tokens</c>); null for the release's default.</summary>
    public int? MaxBatchedTokens { get; init; }

    /// <summary>Whether the engine runs inside a program (Python's <c>LLM</c> class), which has larger batches by default than the server.</summary>
    public bool Offline { get; init; }

    /// <summary>The cache's element type (<c>--kv-cache-dtype</c>).</summary>
    public CacheElement KvCacheType { get; init; }

    /// <summary>The data type of weights and activations (<c>--dtype</c>); null for the checkpoint's.</summary>
    public ElementType? DataType { get; init; }

    /// <summary>Quantization while loading (<c>--quantization</c>).</summary>
    public LoadQuantization Quantization { get; init; }

    /// <summary>No CUDA graphs (<c>--enforce-eager</c>).</summary>
    public bool EnforceEager { get; init; }

    /// <summary>Batch sizes captured as CUDA graphs (<c>cudagraph_capture_sizes</c>); empty for the engine's own rule.</summary>
    public ImmutableArray<int> CudaGraphSizes { get; init; } = [];

    /// <summary>Tokens in a block of the cache (<c>--block-size</c>).</summary>
    public int BlockSize { get; init; } = 16;

    /// <summary>Caches for windows as large as for the whole context (<c>--disable-hybrid-kv-cache-manager</c>).</summary>
    public bool DisableHybridCache { get; init; }

    /// <summary>No image, sound or video is ever sent (<c>--limit-mm-per-prompt</c> of zero, <c>--language-model-only</c>).</summary>
    public bool LanguageModelOnly { get; init; }

    /// <summary>
    /// Whether FlashInfer's sampler is used, as the engine says at its start ("Using FlashInfer for top-p &amp; top-k sampling."); null for the
    /// release's default. Releases 0.8 to 0.11.0 use it where it is installed, as in their images; the default is the other one, which needs more.
    /// </summary>
    public bool? FlashInferSampler { get; init; }
}
