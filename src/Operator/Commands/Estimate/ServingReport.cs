using System.CommandLine;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>The answer of <c>estimate</c> for vLLM and SGLang.</summary>
internal sealed record ServingReport
{
    /// <summary>The GPU that is assumed when none is named.</summary>
    private static readonly GpuMemory Assumed = new(Bytes.FromGiB(80), null);

    public required string Engine { get; init; }

    /// <summary>The release whose rules applied.</summary>
    public required EngineVersion Version { get; init; }

    public required ServingDemand Demand { get; init; }

    public required ServingEstimate Estimate { get; init; }

    /// <summary>The memory of one GPU, as its label says.</summary>
    public required Bytes Memory { get; init; }

    /// <summary>True when no GPU was named: nothing is said about what fits then.</summary>
    public bool MemoryIsAssumed { get; init; }

    /// <summary>Answers for a model.</summary>
    /// <exception cref="InputException">The options contradict each other or the model.</exception>
    public static ServingReport Create(ParseResult call, EstimateOptions options, string engine, TransformerModel model)
    {
        GpuMemory gpu = Gpu(call, options);
        long own = model.ContextLength.Value;
        long context = call.GetValue(options.Context) ?? (own > 0 ? Math.Min(own, LlamaCppRequest.DefaultContext) : LlamaCppRequest.DefaultContext);
        var demand = new ServingDemand(new Tokens(context), call.GetValue(options.Parallel));
        EngineVersion? version = ParseVersion(call.GetValue(options.EngineVersion));
        try
        {
            ServedModel served = ServedModel.Of(model);
            VllmOptions vllm = Vllm(call, options, gpu) with { MaxModelLength = demand.ContextLength };
            SglangOptions sglang = Sglang(call, options, gpu) with { ContextLength = demand.ContextLength };
            (vllm, sglang) = version is { } given ? (vllm with { Version = given }, sglang with { Version = given }) : (vllm, sglang);
            bool isVllm = engine == EstimateOptions.Vllm;
            return new ServingReport
            {
                Engine = engine,
                Version = isVllm ? vllm.Version : sglang.Version,
                Demand = demand,
                Estimate = isVllm ? VllmEstimator.Estimate(served, vllm, demand) : SglangEstimator.Estimate(served, sglang, demand),
                Memory = gpu.Memory,
                MemoryIsAssumed = call.GetValue(options.GpuMemory) is null,
            };
        }
        catch (ArgumentException exception)
        {
            throw new InputException(WithoutParameter(exception), exception);
        }
    }

    private static GpuMemory Gpu(ParseResult call, EstimateOptions options)
    {
        if (call.GetValue(options.GpuMemory) is not { } text)
        {
            return Assumed;
        }

        GpuMemory[] given = [.. GpuMemory.Parse(text)];
        if (!given.All(one => one == given[0]))
        {
            throw new InputException("--gpu-memory: vLLM and SGLang need GPUs of one kind; give one size.");
        }

        long ranks = (long)(call.GetValue(options.TensorParallel) ?? 1) * (call.GetValue(options.PipelineParallel) ?? 1);
        return given.Length == 1 || given.Length == ranks
            ? given[0]
            : throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"--gpu-memory names {given.Length} GPUs, but tensor times pipeline parallel is {ranks}; give one size, or one for each rank."));
    }

    /// <summary>The release that was named; null: the newest one known.</summary>
    private static EngineVersion? ParseVersion(string? text) =>
        text is null ? null
        : EngineVersion.TryParse(text, out EngineVersion version) ? version
        : throw new InputException($"--engine-version: '{text}' is no release; give one like 0.11.0.");

    private static VllmOptions Vllm(ParseResult call, EstimateOptions options, GpuMemory gpu) => new()
    {
        GpuMemory = GpuProcess.VisibleMemory(gpu.Memory),
        GpuProduct = gpu.Product,
        TensorParallel = call.GetValue(options.TensorParallel) ?? 1,
        PipelineParallel = call.GetValue(options.PipelineParallel) ?? 1,
        GpuMemoryUtilization = call.GetValue(options.GpuMemoryUtilization),
        MaxSequences = call.GetValue(options.MaxSequences),
        MaxBatchedTokens = call.GetValue(options.MaxBatchedTokens),
        KvCacheType = Cache(call, options),
        Quantization = Quantized(call, options),
        EnforceEager = call.GetValue(options.EnforceEager),
    };

    private static SglangOptions Sglang(ParseResult call, EstimateOptions options, GpuMemory gpu) => new()
    {
        GpuMemory = GpuProcess.VisibleMemory(gpu.Memory),
        TensorParallel = call.GetValue(options.TensorParallel) ?? 1,
        PipelineParallel = call.GetValue(options.PipelineParallel) ?? 1,
        MemoryFractionStatic = call.GetValue(options.GpuMemoryUtilization),
        MaxRunningRequests = call.GetValue(options.MaxSequences),
        ChunkedPrefillSize = call.GetValue(options.MaxBatchedTokens),
        KvCacheType = Cache(call, options),
        Quantization = Quantized(call, options),
        DisableCudaGraph = call.GetValue(options.EnforceEager),
    };

    private static CacheElement Cache(ParseResult call, EstimateOptions options) =>
        call.GetValue(options.KvCacheType) is null or "auto" ? CacheElement.Auto : CacheElement.Fp8;

    private static LoadQuantization Quantized(ParseResult call, EstimateOptions options) => call.GetValue(options.Quantization) switch
    {
        "fp8" => LoadQuantization.Fp8,
        "bitsandbytes" => LoadQuantization.BitsAndBytes,
        _ => LoadQuantization.None,
    };

    /// <summary>The exception's own sentence, without the name of the parameter that .NET adds.</summary>
    private static string WithoutParameter(ArgumentException exception)
    {
        int added = exception.ParamName is null ? -1 : exception.Message.LastIndexOf(" (Parameter", StringComparison.Ordinal);
        return added < 0 ? exception.Message : exception.Message[..added];
    }
}
