using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Planning.Serving;
using GpuStack.Placement.Products;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Tests.Planning.Serving;

/// <summary>
/// The rules for vLLM and SGLang by brute force: every set of nodes, every leader, every count of GPUs on each node, every tensor-parallel
/// size. Slow and obvious; only the estimates are the planner's own.
/// </summary>
internal sealed class ServingReference(PlacementRequest request)
{
    private readonly Dictionary<(GpuKind, ParallelSizes), bool> _fits = [];
    private readonly ServingSpeedModel _speed = ServingSpeedModel.Of(EngineEstimate.Served(request.Launch));

    /// <summary>The best answer's nodes, racks and GPUs; null when nothing fits.</summary>
    public (int Nodes, int Racks, int Gpus)? Best(IReadOnlyList<ServingNode> fleet)
    {
        var answers = new List<(int Nodes, int Racks, int Gpus, double PerGpu)>();
        for (var set = 1; set < 1 << fleet.Count; set++)
        {
            var chosen = Enumerable.Range(0, fleet.Count).Where(i => (set & (1 << i)) != 0).Select(i => fleet[i]).ToList();
            var most = chosen.Min(n => n.Gpus);
            for (var gpus = 1; gpus <= most; gpus++)
            {
                if (InScope(chosen.Count, gpus) && MayStandTogether(chosen) && HasLeader(chosen) && PerGpu(chosen, gpus) is { } perGpu)
                {
                    answers.Add((chosen.Count, chosen.Select(n => n.Rack).Distinct(StringComparer.Ordinal).Count(), gpus * chosen.Count, perGpu));
                    most = Math.Min(most, (2 * gpus) - 1);
                }
            }
        }

        // On one node the smallest (or largest) pool decides: see PoolsOfOneNode.
        if (answers.Count == 0)
            return null;
        if (answers.Exists(a => a is { Nodes: 1, Gpus: 1 }))
            return (1, 1, 1);
        var best = answers.OrderBy(a => a.Nodes).ThenBy(a => a.Racks).ThenByDescending(a => a.PerGpu).ThenBy(a => a.Gpus).First();
        return (best.Nodes, best.Racks, best.Gpus);
    }

    /// <summary>The pools of single nodes that hold the model, with one GPU or with several, and for each the GPUs that serve fastest by the GPU.</summary>
    public ILookup<long, int> PoolsOfOneNode(IEnumerable<ServingNode> fleet, bool oneGpu) => fleet
        .Where(n => HasLeader([n]))
        .Select(n => (n.Pool, Best: Enumerable.Range(oneGpu ? 1 : 2, oneGpu ? 1 : Math.Max(0, n.Gpus - 1))
            .Where(g => InScope(1, g))
            .Select(g => (Gpus: g, PerGpu: PerGpu([n], g)))
            .Where(g => g.PerGpu is not null)
            .Aggregate((IEnumerable<(int Gpus, double? PerGpu)>)[], (fits, g) => fits.Any() && g.Gpus >= 2 * fits.Min(f => f.Gpus) ? fits : [.. fits, g])
            .OrderByDescending(g => g.PerGpu).ThenBy(g => g.Gpus).FirstOrDefault()))
        .Where(n => n.Best.Gpus > 0)
        .GroupBy(n => n.Pool)
        .SelectMany(pool => pool.OrderByDescending(n => n.Best.PerGpu).ThenBy(n => n.Best.Gpus).Take(1))
        .ToLookup(n => n.Pool, n => n.Best.Gpus);

    /// <summary>Whether a rank of every stage fits, and the engine's own booking fits the GPU.</summary>
    public bool Fits(GpuKind gpu, ParallelSizes sizes)
    {
        if (_fits.TryGetValue((gpu, sizes), out var known))
            return known;
        var fits = EngineEstimate.Served(request.Launch).Refusal(sizes.Tensor, sizes.Pipeline) is null;
        if (fits)
        {
            var estimate = EngineEstimate.Of(request.Launch, request.MemoryUtilization, gpu, sizes).Estimate;
            fits = estimate.Fits && Enumerable.Range(0, sizes.Tensor * sizes.Pipeline).All(rank =>
                estimate.Memory.Devices[rank] is var d
                && d.Weight + Bytes.Max(d.KvCache, estimate.CachePools[rank]) + d.Compute + d.Overhead <= GpuProcess.VisibleMemory(gpu.Memory));
        }

        return _fits[(gpu, sizes)] = fits;
    }

    private bool InScope(int nodes, int gpus) => nodes <= (request.MaxNodes ?? int.MaxValue) && request.Scope switch
    {
        PlacementScope.SingleGpu => nodes == 1 && gpus == 1,
        PlacementScope.SingleNode => nodes == 1,
        PlacementScope.MultiNode => nodes > 1,
        _ => true,
    };

    private static bool MayStandTogether(List<ServingNode> nodes) =>
        nodes.Count == 1 || (nodes.DistinctBy(n => n.Product).Count() == 1 && nodes.DistinctBy(n => n.DriverMajor).Count() == 1);

    private bool HasLeader(List<ServingNode> nodes) => nodes.Exists(leader =>
        (request.LeaderNode is { } named ? leader.Name == named : leader.Pool == nodes.Max(n => n.Pool))
        && leader.CpuMillis >= request.CpuRequestMillis && leader.HostGiB << 30 >= request.HostMemoryMargin.Value
        && nodes.TrueForAll(n => n == leader
            || (n.CpuMillis >= (request.WorkerCpuRequestMillis ?? request.CpuRequestMillis) && n.HostGiB << 30 >= request.WorkerHostMemory.Value)));

    /// <summary>Tokens per second for each GPU of the fastest way to divide the model over so many GPUs of each node; null when there is none.</summary>
    private double? PerGpu(List<ServingNode> nodes, int gpus)
    {
        var kind = new GpuKind(nodes[0].Product, Bytes.FromMiB(nodes.Min(n => n.MemoryMiB)));
        var device = ProductTable.Default.Find("nvidia", nodes[0].Product)!.Speed;
        double? best = null;
        for (var tensor = 1; tensor <= gpus; tensor++)
        {
            var pipeline = nodes.Count * gpus / tensor;
            if (gpus % tensor == 0 && (request.TensorParallel ?? tensor) == tensor && (request.PipelineParallel ?? pipeline) == pipeline
                && Fits(kind, new ParallelSizes(tensor, pipeline)))
                best = Math.Max(best ?? 0, _speed.Predict(new(device, tensor, pipeline, nodes.Count)).DecodeTokensPerSecond!.Value);
        }

        return best / (nodes.Count * gpus);
    }
}
