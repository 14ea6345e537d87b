using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning;

/// <summary>
/// What vLLM or SGLang is started with, as far as memory depends on it. Flags in <c>spec.engine.args</c> beat what the spec's fields say, as
/// they do on the engine's command line. Batch sizes are the engine's own choice where no flag is given.
/// </summary>
internal static class ServingLaunches
{
    /// <summary>All flags that planning reads: one more that is read must stand here, or a change of it asks for no other plan.</summary>
    public static readonly ImmutableArray<string> Flags =
    [
        "--tensor-parallel-size", "-tp", "--tp-size", "--tp", "--pipeline-parallel-size", "-pp", "--pp-size", "--pp", "--gpu-memory-utilization",
        "--max-model-len", "--max-num-seqs", "--max-num-batched-tokens", "--enforce-eager", "--enable-expert-parallel",
        "--disable-hybrid-kv-cache-manager", "--language-model-only", "--block-size", "--mem-fraction-static", "--context-length",
        "--max-running-requests", "--chunked-prefill-size", "--cuda-graph-max-bs", "--disable-cuda-graph", "--ep-size", "--expert-parallel-size",
        "--ep", "--enable-ep-moe", "--page-size", "--kv-cache-dtype", "--quantization", "-q", "--dtype",
    ];

    /// <summary>Sums of a model are made once, and what was estimated from them is found again.</summary>
    private static readonly ConditionalWeakTable<TransformerModel, ServedModel> s_served = [];

    /// <exception cref="ArgumentException">The model has no layers, or the engine is another one.</exception>
    public static ModelLaunch Of(EngineSpec spec, EngineType engine, EngineArguments arguments, TransformerModel model)
    {
        var served = s_served.GetValue(model, ServedModel.Of);
        var own = model.ContextLength.Value > 0 ? model.ContextLength.Value : PlacementRequestMapper.DefaultContextLength;
        var context = new Tokens(spec.ContextLength ?? Math.Min(own, PlacementRequestMapper.DefaultContextLength));
        var demand = new ServingDemand(context, spec.ParallelRequests);
        return engine switch
        {
            EngineType.VLLM => new VllmLaunch(served, Vllm(spec, arguments, context), demand),
            EngineType.SGLang => new SglangLaunch(served, Sglang(spec, arguments, context), demand),
            _ => throw new ArgumentException($"{engine} is neither VLLM nor SGLang.", nameof(engine)),
        };
    }

    private static VllmOptions Vllm(EngineSpec spec, EngineArguments arguments, Tokens context)
    {
        var options = new VllmOptions
        {
            GpuMemory = default,
            GpuMemoryUtilization = arguments.Share("--gpu-memory-utilization"),
            MaxModelLength = arguments.Count("--max-model-len") is { } length ? new Tokens(length) : context,
            MaxSequences = arguments.Count("--max-num-seqs"),
            MaxBatchedTokens = arguments.Count("--max-num-batched-tokens"),
            EnforceEager = arguments.Has("--enforce-eager"),
            ExpertParallel = arguments.Has("--enable-expert-parallel"),
            DisableHybridCache = arguments.Has("--disable-hybrid-kv-cache-manager"),
            LanguageModelOnly = arguments.Has("--language-model-only"),
            BlockSize = arguments.Count("--block-size") ?? 16,
            KvCacheType = Cache(spec, arguments),
            Quantization = Quantized(arguments),
            DataType = Type(arguments),
        };
        return Version(spec.Image) is { } version ? options with { Version = version } : options;
    }

    private static SglangOptions Sglang(EngineSpec spec, EngineArguments arguments, Tokens context)
    {
        var options = new SglangOptions
        {
            GpuMemory = default,
            MemoryFractionStatic = arguments.Share("--mem-fraction-static") is { } share and < 1 ? share : null,
            ContextLength = arguments.Count("--context-length") is { } length ? new Tokens(length) : context,
            MaxRunningRequests = arguments.Count("--max-running-requests"),
            ChunkedPrefillSize = arguments.Count("--chunked-prefill-size"),
            CudaGraphMaxBatch = arguments.Count("--cuda-graph-max-bs"),
            DisableCudaGraph = arguments.Has("--disable-cuda-graph"),
            ExpertParallel = arguments.Count("--ep-size", "--expert-parallel-size", "--ep") > 1 || arguments.Has("--enable-ep-moe"),
            PageSize = arguments.Count("--page-size") ?? 1,
            KvCacheType = Cache(spec, arguments),
            Quantization = Quantized(arguments),
            DataType = Type(arguments),
        };
        return Version(spec.Image) is { } version ? options with { Version = version } : options;
    }

    private static CacheElement Cache(EngineSpec spec, EngineArguments arguments) =>
        (arguments.Text("--kv-cache-dtype") ?? spec.KvCacheType)?.StartsWith("fp8", StringComparison.Ordinal) == true ? CacheElement.Fp8 : CacheElement.Auto;

    private static LoadQuantization Quantized(EngineArguments arguments) => arguments.Text("--quantization", "-q") switch
    {
        "fp8" => LoadQuantization.Fp8,
        "bitsandbytes" => LoadQuantization.BitsAndBytes,
        _ => LoadQuantization.None,
    };

    private static ElementType? Type(EngineArguments arguments) => arguments.Text("--dtype") switch
    {
        "half" or "float16" => ElementType.F16,
        "bfloat16" => ElementType.BF16,
        "float" or "float32" => ElementType.F32,
        _ => null,
    };

    /// <summary>The release in an image's tag, such as <c>vllm/vllm-openai:v0.11.0</c>; null where the tag names none, and the newest rules apply.</summary>
    public static EngineVersion? Version(string? image)
    {
        var colon = image?.LastIndexOf(':') ?? -1;
        return colon > image?.LastIndexOf('/') && EngineVersion.TryParse(image[(colon + 1)..], out var version) ? version : null;
    }
}
