using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.SGLang;

/// <summary>
/// What a model takes under SGLang, rank by rank, and what fits. The engine measures what is free before it loads the weights; a share of
/// that, <c>mem_fraction_static</c>, is for weights and cache, the rest for activations and CUDA graphs, which it does not measure:
/// cache = free after loading − free before × (1 − mem_fraction_static).
/// </summary>
public static class SglangEstimator
{
    /// <summary>Estimates a layout. Cheap: the model's sums are in <paramref name="served"/>.</summary>
    /// <exception cref="ArgumentException">SGLang would not divide the model so (<see cref="ServedModel.Refusal"/>), or an option is out of range.</exception>
    public static ServingEstimate Estimate(ServedModel served, SglangOptions options, ServingDemand demand)
    {
        try
        {
            return Compute(served, options, demand);
        }
        catch (OverflowException exception)
        {
            throw new ArgumentException($"{served.Model.Name} with these settings needs more memory than can be counted.", nameof(options), exception);
        }
    }

    private static ServingEstimate Compute(ServedModel served, SglangOptions options, ServingDemand demand)
    {
        double fraction = Check(served, options, demand);
        TransformerModel model = served.Model;
        PipelineStage[] stages = PipelineStage.Of(SglangRules.LayersPerStage(model.Layers.Length, options.PipelineParallel));
        int ranks = options.TensorParallel * stages.Length;
        Bytes process = GpuProcess.Context + GpuProcess.Nccl(options.GpuProduct, options.GpuMemory, ranks);
        Bytes free = options.GpuMemory - options.MemoryInUse - process;
        long windowed = Windowed(model, options, demand.ContextLength.Value);

        var held = new RankMemory(options.TensorParallel, stages.Length);
        (long tokens, long states) = (long.MaxValue, long.MaxValue);
        foreach (PipelineStage stage in stages)
        {
            Bytes weights = served.Weights(stage, options.TensorParallel, options.ExpertParallel, new(options.Quantization, options.DataType));
            var pool = SglangPools.Of(served, options, stage);
            Bytes rest = new Bytes((long)(free.Value * fraction)) - weights;
            (long stageTokens, long stageStates) = pool.Fill(rest.Value, options);
            (tokens, states) = (Math.Min(tokens, stageTokens), Math.Min(states, Math.Max(0, stageStates)));
            held.Add(stage, rest, new DeviceMemory
            {
                Kind = DeviceKind.Gpu,
                Weight = weights,
                KvCache = new(pool.Demand(demand.ContextLength.Value, windowed, demand.Requests)),
                Compute = Buffers(served, options, stage),
                Overhead = process,
            });
        }

        (MemoryEstimate memory, ImmutableArray<Bytes> pools) = held.Of(model);
        bool cached = tokens != long.MaxValue;
        double concurrency = Concurrency(model, options, demand.ContextLength.Value, tokens, states);
        return new ServingEstimate
        {
            Memory = memory,
            CachePools = pools,
            CacheTokens = new(cached ? tokens : 0),
            LargestContext = new(Math.Min(tokens, model.ContextLength.Value)),
            MaxConcurrency = concurrency,
            Reason = Reason(options, demand, fraction, concurrency, new(memory.Devices, pools, free, tokens)),
        };
    }

    private static double Check(ServedModel served, SglangOptions options, ServingDemand demand)
    {
        if (served.Refusal(options.TensorParallel, options.PipelineParallel) is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(options));
        }

        double fraction = options.MemoryFractionStatic ?? SglangRules.MemoryFraction(served, options);
        if (options.MemoryFractionStatic is { } given && given is not (> 0 and < 1))
        {
            throw new ArgumentException(Text($"mem_fraction_static is {given}; it is a share, over 0 and under 1."), nameof(options));
        }

        if (options.PageSize < 1 || options.ChunkedPrefillSize < 1 || options.SlidingWindowRatio <= 0 || options.RecurrentRatio <= 0)
        {
            throw new ArgumentException("The page size, the chunked prefill size and the ratios of the pools must be positive.", nameof(options));
        }

        demand.Check();
        return fraction;
    }

    /// <summary>
    /// The activations of one chunk of a prompt, the logits of the largest batch (in 16 bits and in float32), and SGLang's own reckoning of
    /// 2 MiB of CUDA graphs for each row of that batch.
    /// </summary>
    private static Bytes Buffers(ServedModel served, SglangOptions options, in PipelineStage stage)
    {
        TransformerModel model = served.Model;
        int element = LayerActivations.ElementBytes(model, options.DataType);
        int batch = SglangRules.GraphBatch(options);
        double activations = LayerActivations.PerToken(served, options.TensorParallel) * SglangRules.ChunkedPrefill(options) * element;
        double logits = stage.Last ? (double)Math.Max(batch, 1) * model.VocabularySize * (2 + 4) : 0;
        return GpuProcess.CublasWorkspace + new Bytes((long)(activations + logits)) + Bytes.FromMiB(2.0 * batch);
    }

    /// <summary>Tokens of a request that sliding-window layers keep: the window and the chunk being computed.</summary>
    private static long Windowed(TransformerModel model, SglangOptions options, long length) =>
        Math.Min(length, model.SlidingWindow.Value + SglangRules.ChunkedPrefill(options));

    private static double Concurrency(TransformerModel model, SglangOptions options, long length, long tokens, long states)
    {
        double most = tokens == long.MaxValue ? double.PositiveInfinity : (double)tokens / length;
        if (model.SlidingWindow.Value > 0 && SglangRules.HybridCache(model, options))
        {
            most = Math.Min(most, tokens * options.SlidingWindowRatio / Windowed(model, options, length));
        }

        most = states == long.MaxValue ? most : Math.Min(most, states / (double)SglangPools.StatesPerRequest);
        return options.MaxRunningRequests is { } limit ? Math.Min(most, limit) : most;
    }

    private static string? Reason(SglangOptions options, ServingDemand demand, double fraction, double concurrency, in Budget budget)
    {
        for (int rank = 0; rank < budget.Pools.Length; rank++)
        {
            if (budget.Pools[rank] <= default(Bytes))
            {
                return Text($"Rank {rank} holds {budget.Devices[rank].Weight} of weights; mem_fraction_static {fraction:0.###} of the {budget.Free} free before loading leaves no memory for the cache.");
            }
        }

        if (options.ContextLength is { } longest && demand.ContextLength > longest)
        {
            return Text($"A request of {demand.ContextLength} tokens is longer than the engine's longest one, {longest}: raise context-length.");
        }

        if (concurrency >= demand.Requests)
        {
            return null;
        }

        int worst = 0;
        for (int rank = 1; rank < budget.Pools.Length; rank++)
        {
            worst = budget.Pools[rank] - budget.Devices[rank].KvCache < budget.Pools[worst] - budget.Devices[worst].KvCache ? rank : worst;
        }

        string requests = demand.Requests == 1 ? "One request" : Text($"{demand.Requests} requests");
        string verb = demand.Requests == 1 ? "needs" : "need";
        return Text($"{requests} of {demand.ContextLength} tokens {verb} {budget.Devices[worst].KvCache} of cache on rank {worst}, which has {budget.Pools[worst]} in its pools; {concurrency:0.##} of them fit.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Budget(ImmutableArray<DeviceMemory> Devices, ImmutableArray<Bytes> Pools, Bytes Free, long Tokens);
}
