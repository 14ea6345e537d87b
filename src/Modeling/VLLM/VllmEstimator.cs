using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.VLLM;

/// <summary>
/// What a model takes under vLLM, rank by rank, and what fits: the engine gives itself a share of each GPU, loads the weights, runs one
/// full batch, and books all that is left as cache. The rules are those of <see cref="VllmOptions.Version"/>.
/// </summary>
public static class VllmEstimator
{
    /// <summary>Estimates a layout. Cheap: the model's sums are in <paramref name="served"/>.</summary>
    /// <exception cref="ArgumentException">vLLM would not divide the model so (<see cref="ServedModel.Refusal"/>), or an option is out of range.</exception>
    public static ServingEstimate Estimate(ServedModel served, VllmOptions options, ServingDemand demand)
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

    private static ServingEstimate Compute(ServedModel served, VllmOptions options, ServingDemand demand)
    {
        double utilization = Check(served, options, demand);
        TransformerModel model = served.Model;
        VllmBatch batch = VllmBatch.Of(model, options);
        VllmCacheLayout layout = VllmCacheLayout.Of(served, options, batch);
        PipelineStage[] stages = PipelineStage.Of(
            VllmPipeline.LayersPerStage(model.Layers.Length, options.PipelineParallel, options.LayersPerStage));
        long perRequest = layout.BlocksPerRequest(demand.ContextLength.Value);
        var requested = new Bytes((long)Math.Ceiling(options.GpuMemory.Value * utilization));
        Bytes charged = VllmReservation.Charged(options);
        Bytes free = VllmReservation.Free(options);

        var held = new RankMemory(options.TensorParallel, stages.Length);
        long blocks = long.MaxValue;
        foreach (PipelineStage stage in stages)
        {
            Bytes weights = served.Weights(stage, options.TensorParallel, options.ExpertParallel, new(options.Quantization, options.DataType));
            Bytes activations = VllmActivations.Peak(served, options, batch, stage);
            Bytes graphs = VllmGraphs.Of(served, options, batch, stage);
            Bytes pool = requested - weights - activations - charged;
            pool = VllmRules.GraphsAreCharged(options.Version) ? pool - graphs : pool;
            long block = layout.BlockBytes(stage);
            blocks = block > 0 ? Math.Min(blocks, Math.Max(0, pool.Value) / block) : blocks;
            held.Add(stage, pool, new DeviceMemory
            {
                Kind = DeviceKind.Gpu,
                Weight = weights,
                KvCache = new Bytes(block) * checked(perRequest * demand.Requests),
                Compute = activations + graphs,
                Overhead = charged + free,
            });
        }

        (MemoryEstimate memory, ImmutableArray<Bytes> pools) = held.Of(model);
        bool cached = blocks != long.MaxValue;
        return new ServingEstimate
        {
            Memory = memory,
            CachePools = pools,
            CacheTokens = new(cached ? layout.LoggedTokens(blocks, options.Version) : 0),
            LargestContext = new(cached ? Largest(layout, blocks, model.ContextLength.Value) : model.ContextLength.Value),
            MaxConcurrency = cached ? (double)blocks / perRequest : double.PositiveInfinity,
            Reason = Reason(options, demand, batch, layout, new(memory.Devices, pools, requested, free, cached ? blocks : null)),
        };
    }

    private static double Check(ServedModel served, VllmOptions options, ServingDemand demand)
    {
        if (served.Refusal(options.TensorParallel, options.PipelineParallel) is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(options));
        }

        double utilization = options.GpuMemoryUtilization ?? VllmRules.DefaultUtilization(options.Version);
        if (utilization is not (> 0 and <= 1))
        {
            throw new ArgumentException(Text($"gpu_memory_utilization is {utilization}; it is a share, over 0 and at most 1."), nameof(options));
        }

        if (options.BlockSize < 1 || options.MaxBatchedTokens < 1 || options.MaxSequences < 1)
        {
            throw new ArgumentException("The block size, the batched tokens and the sequences must be at least 1.", nameof(options));
        }

        if (options.MaxModelLength is { Value: < 1 or > int.MaxValue })
        {
            throw new ArgumentException(Text($"max_model_len is {options.MaxModelLength}; it is between 1 and {int.MaxValue} tokens."), nameof(options));
        }

        demand.Check();
        return utilization;
    }

    /// <summary>The longest request that so many blocks hold, up to a limit.</summary>
    private static long Largest(VllmCacheLayout layout, long blocks, long limit)
    {
        (long low, long high) = (0, Math.Max(1, limit));
        while (low < high)
        {
            long middle = low + ((high - low + 1) / 2);
            if (layout.BlocksPerRequest(middle) <= blocks)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private static string? Reason(VllmOptions options, ServingDemand demand, in VllmBatch batch, VllmCacheLayout layout, in Budget budget)
    {
        var available = new Bytes(Math.Max(0, (options.GpuMemory - options.MemoryInUse - budget.Free).Value));
        if (VllmRules.ContextIsFree(options.Version) && available < budget.Requested)
        {
            return $"The engine asks for {budget.Requested} of each GPU, but {available} are free beside the CUDA context, NCCL and other processes: lower gpu_memory_utilization.";
        }

        for (int rank = 0; rank < budget.Pools.Length; rank++)
        {
            if (budget.Pools[rank] <= default(Bytes))
            {
                return $"Rank {rank} needs {budget.Requested - budget.Pools[rank]} for {budget.Devices[rank].Weight} of weights and its activations, more than the {budget.Requested} that the engine gives itself: no memory is left for the cache.";
            }
        }

        if (budget.Blocks is not { } blocks)
        {
            return null;
        }

        if (demand.ContextLength.Value > batch.MaxModelLength)
        {
            return Text($"A request of {demand.ContextLength} tokens is longer than the engine's longest one, {batch.MaxModelLength}: raise max_model_len.");
        }

        long perRequest = layout.BlocksPerRequest(batch.MaxModelLength);
        if (perRequest > blocks)
        {
            return Needs(Text($"One request of {batch.MaxModelLength} tokens needs"), budget, layout.BlocksPerRequest(demand.ContextLength.Value) * demand.Requests, perRequest)
                + Text($"; the longest that fits has {Largest(layout, blocks, batch.MaxModelLength)}.");
        }

        long demanded = layout.BlocksPerRequest(demand.ContextLength.Value) * demand.Requests;
        return demanded <= blocks
            ? null
            : Needs(Text($"{demand.Requests} requests of {demand.ContextLength} tokens need"), budget, demanded, demanded)
                + Text($"; {(double)blocks / demanded * demand.Requests:0.##} of them fit.");
    }

    /// <summary>"… 12.3 GiB of cache on rank 0, which has 8.1 GiB": on the rank that lacks most.</summary>
    private static string Needs(string start, in Budget budget, long demanded, long blocks)
    {
        int worst = 0;
        double worstShare = 0;
        for (int rank = 0; rank < budget.Pools.Length; rank++)
        {
            double share = (double)budget.Devices[rank].KvCache.Value / budget.Pools[rank].Value;
            (worst, worstShare) = share > worstShare ? (rank, share) : (worst, worstShare);
        }

        Bytes needed = new((long)((double)budget.Devices[worst].KvCache.Value / demanded * blocks));
        return $"{start} {needed} of cache on rank {worst}, which has {budget.Pools[worst]}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Budget(
        ImmutableArray<DeviceMemory> Devices, ImmutableArray<Bytes> Pools, Bytes Requested, Bytes Free, long? Blocks);
}
