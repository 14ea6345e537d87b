using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Benchmarks.Engines;

/// <summary>What is predicted for the settings of a log, beside what it says.</summary>
internal sealed record EngineComparison(EngineLog Log, ServingEstimate Estimate)
{
    /// <summary>Weights of the first rank in GiB.</summary>
    public double Weights => Estimate.Memory.Devices[0].Weight.GiB;

    /// <summary>Predicted against logged weights; null where none are logged.</summary>
    public double? WeightsPercent => Percent(Weights, Log.Number("loggedWeightGiB"));

    /// <summary>Predicted against logged tokens, or against the logged size of the cache where there are no tokens.</summary>
    public double? CachePercent =>
        Log.Number("loggedKvTokens") is { } tokens
            ? Percent(Estimate.CacheTokens.Value, tokens)
            : Percent(Estimate.CachePools[0].GiB, Log.Number("loggedAvailableKvGiB"));

    /// <summary>Predicts a log's row from its settings and the model's configuration: nothing that the engine measured goes in.</summary>
    public static EngineComparison Of(EngineLog log, string configurations)
    {
        ServedModel served = Model(log, configurations);
        var demand = new ServingDemand(new(log.Integer("maxModelLen") ?? 4096));
        return new(log, log.IsVllm ? VllmEstimator.Estimate(served, Vllm(log), demand) : SglangEstimator.Estimate(served, Sglang(log), demand));
    }

    /// <summary>The model of a log, from its configuration.</summary>
    public static ServedModel Model(EngineLog log, string configurations) =>
        ServedModel.Of(TransformerModelReader.FromConfig(log.Model, File.ReadAllBytes(Path.Combine(configurations, log.Model + ".json"))));

    private static VllmOptions Vllm(EngineLog log)
    {
        VllmOptions options = new() { GpuMemory = GpuMemory(log) };
        return options with
        {
            Version = EngineVersion.TryParse(log.Text("version"), out EngineVersion version) ? version : options.Version,
            GpuProduct = log.Text("gpu"),
            TensorParallel = log.Integer("tensorParallel") ?? 1,
            PipelineParallel = log.Integer("pipelineParallel") ?? 1,
            GpuMemoryUtilization = log.Number("memoryFraction"),
            MaxModelLength = log.Integer("maxModelLen") is { } length ? new(length) : null,
            MaxBatchedTokens = log.Integer("maxNumBatchedTokens"),
            MaxSequences = log.Integer("maxNumSeqs"),
            EnforceEager = log.Flag("enforceEager"),
            KvCacheType = CacheType(log),
            DataType = DataType(log),
            FlashInferSampler = log.Text("sampler") == "flashinfer" ? true : null,
        };
    }

    private static SglangOptions Sglang(EngineLog log)
    {
        SglangOptions options = new() { GpuMemory = GpuMemory(log) };

        // Some share their GPU: what is free before the weights are loaded says how much others hold.
        Bytes free = log.Number("loggedFreeGiB") is { } logged ? Bytes.FromGiB(logged) : options.GpuMemory;
        bool shared = free.Value < options.GpuMemory.Value * 0.9;
        return options with
        {
            Version = EngineVersion.TryParse(log.Text("version"), out EngineVersion version) ? version : options.Version,
            GpuProduct = log.Text("gpu"),
            MemoryInUse = shared ? options.GpuMemory - free - GpuProcess.Context : default,
            TensorParallel = log.Integer("tensorParallel") ?? 1,
            PipelineParallel = log.Integer("pipelineParallel") ?? 1,
            MemoryFractionStatic = log.Number("memoryFraction"),
            ContextLength = log.Integer("maxModelLen") is { } length ? new(length) : null,
            ChunkedPrefillSize = log.Integer("maxNumBatchedTokens"),
            DisableCudaGraph = log.Flag("enforceEager"),
            KvCacheType = CacheType(log),
            DataType = DataType(log),
        };
    }

    private static Bytes GpuMemory(EngineLog log) =>
        log.Number("loggedDeviceGiB") is { } device
            ? Bytes.FromGiB(device)
            : GpuProcess.VisibleMemory(Bytes.FromMiB(log.Number("gpuMemoryMiB") ?? throw new IOException($"{log.Case}: gpuMemoryMiB is missing.")));

    private static CacheElement CacheType(EngineLog log) =>
        log.Text("kvCacheType").StartsWith("fp8", StringComparison.Ordinal) ? CacheElement.Fp8 : CacheElement.Auto;

    private static ElementType? DataType(EngineLog log) => log.Text("dataType") switch
    {
        "float16" => ElementType.F16,
        "bfloat16" => ElementType.BF16,
        "float32" => ElementType.F32,
        _ => null,
    };

    private static double? Percent(double predicted, double? logged) => logged is { } value ? 100 * ((predicted / value) - 1) : null;
}
