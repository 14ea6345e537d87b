using System.Collections.Concurrent;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>What is best about the best group: the fewest layers on the host, then the fewest nodes, domains and GPUs; on one node the pool comes before the GPUs.</summary>
internal sealed record ReferenceAnswer(int OnHost, int Nodes, int Domains, int Gpus, long Pool);

/// <summary>
/// The planner's rules by exhaustion: every set of nodes, every leader that the rules allow, every order of workers, every count
/// of GPUs on each node, every split of layers. What many orders and splits have in common is worked out once: the layers
/// that a part of the workers may end at, in any order, are those that any one of them as the last makes of what the others
/// end at. Nothing is taken for granted about how far a device gets: each range of layers is asked of the estimator.
/// </summary>
internal sealed class ReferencePlanner
{
    private static readonly ConcurrentDictionary<(LlamaCppLaunch Launch, Bytes Usable), Ranges> s_ranges = new();

    private static readonly ConcurrentDictionary<LlamaCppLaunch, LlamaCppCosts> s_costs = new();

    private readonly PlacementRequest _request;
    private readonly LlamaCppLaunch _launch;
    private readonly LlamaCppCosts _costs;
    private readonly TinyNode[] _nodes;

    private ReferencePlanner(IEnumerable<TinyNode> nodes, PlacementRequest request)
    {
        _request = request;
        _launch = (LlamaCppLaunch)request.Launch;
        _costs = s_costs.GetOrAdd(_launch, launch => LlamaCppCosts.Create(launch.Model, launch.Options));
        _nodes = [.. nodes.Where(n => n.Free > 0)];
    }

    private int Layers => _costs.OffloadableLayers;

    /// <summary>What the best group is like, or null when there is none.</summary>
    public static ReferenceAnswer? Best(IEnumerable<TinyNode> nodes, PlacementRequest request)
    {
        var planner = new ReferencePlanner(nodes, request);
        if (planner.OnGpus() is { } full || !request.CpuOffload)
            return planner.OnGpus();
        for (var start = 1; start < planner.Layers; start++)
        {
            if (planner.Groups(start).OrderBy(g => (g.Nodes, g.Domains, g.Gpus)).FirstOrDefault() is { } best)
                return best;
        }

        return null;
    }

    private ReferenceAnswer? OnGpus()
    {
        var groups = Groups(start: 0).ToArray();
        var alone = groups.Where(g => g.Nodes == 1).ToArray();
        var level = alone.Any(g => g.Gpus == 1) ? alone.Where(g => g.Gpus == 1) : alone;
        return _request.Strategy == PlacementStrategy.Spread
            ? level.OrderByDescending(g => g.Pool).ThenBy(g => g.Gpus).FirstOrDefault() ?? Several()
            : level.OrderBy(g => g.Pool).ThenBy(g => g.Gpus).FirstOrDefault() ?? Several();

        ReferenceAnswer? Several() => groups.OrderBy(g => (g.Nodes, g.Domains, g.Gpus)).FirstOrDefault();
    }

    /// <summary>Every set of nodes that holds the layers from one on, with the fewest GPUs that do.</summary>
    private IEnumerable<ReferenceAnswer> Groups(int start)
    {
        foreach (var leader in _nodes)
        {
            if (_request.LeaderNode is { } named && leader.Name != named)
                continue;
            if (_request.Scope != PlacementScope.MultiNode && Alone(leader, start) is > 0 and var gpus)
                yield return new ReferenceAnswer(start, 1, 1, gpus, leader.Pool);
            if (_request.Scope is PlacementScope.SingleGpu or PlacementScope.SingleNode || !MayLead(leader, start, gpus: 2))
                continue;
            TinyNode[] workers = [.. _nodes.Where(w => w != leader && MayWorkFor(w, leader))];
            var ends = Ends(workers, start);
            for (var set = 1; set < ends.Length; set++)
            {
                TinyNode[] group = [leader, .. workers.Where((_, i) => (set & (1 << i)) != 0)];
                if (group.Length > (_request.NodeLimit ?? int.MaxValue))
                    continue;
                var fewest = Enumerable.Range(1, ends[set].Length - 1)
                    .SelectMany(used => Enumerable.Range(1, leader.Free)
                        .Where(more => IsEnd(Steps(leader, start, more, isFirst: false, several: true, ends[set][used])))
                        .Select(more => used + more))
                    .DefaultIfEmpty(0).Min();
                if (fewest > 0 && fewest <= _request.MostDevices)
                    yield return new ReferenceAnswer(start, group.Length, group.Select(n => n.Rack ?? "").Distinct(StringComparer.Ordinal).Count(), fewest, leader.Pool);
            }
        }
    }

    /// <summary>The fewest GPUs with which a node holds the layers alone; 0 when it does not.</summary>
    private int Alone(TinyNode node, int start)
    {
        for (var gpus = 1; gpus <= Math.Min(_request.MostDevices, _request.Scope == PlacementScope.SingleGpu ? 1 : node.Free); gpus++)
        {
            if (MayLead(node, start, gpus) && IsEnd(Steps(node, start, gpus, isFirst: true, several: gpus > 1, 1UL << start)))
                return gpus;
        }

        return 0;
    }

    /// <summary>For every subset of the workers and every count of their GPUs, each node with one at least: where they may end, as bits.</summary>
    private ulong[][] Ends(TinyNode[] workers, int start)
    {
        var ends = new ulong[1 << workers.Length][];
        ends[0] = [1UL << start];
        for (var set = 1; set < ends.Length; set++)
        {
            ends[set] = new ulong[1 + workers.Where((_, i) => (set & (1 << i)) != 0).Sum(w => w.Free)];
            for (var last = 0; last < workers.Length; last++)
            {
                if ((set & (1 << last)) == 0)
                    continue;
                var others = ends[set & ~(1 << last)];
                for (var used = 0; used < others.Length; used++)
                {
                    for (var more = 1; more <= workers[last].Free && others[used] != 0; more++)
                        ends[set][used + more] |= Steps(workers[last], start, more, isFirst: used == 0, several: true, others[used]);
                }
            }
        }

        return ends;
    }

    private bool IsEnd(ulong ends) => (ends & (1UL << Layers)) != 0;

    /// <summary>Where so many GPUs of a node may end, each with a layer or more, when they may start at any of the bits.</summary>
    private ulong Steps(TinyNode node, int start, int gpus, bool isFirst, bool several, ulong starts)
    {
        var ranges = s_ranges.GetOrAdd((_launch, Bytes.FromMiB(node.MemoryMiB) - _request.ReservePerGpu), key => new Ranges(_costs, key.Usable));
        for (var gpu = 0; gpu < gpus; gpu++)
        {
            var ends = start == 0 ? (several ? ranges.OfMany : ranges.OfOne) : isFirst && gpu == 0 ? ranges.AfterHost : ranges.OfOne;
            var next = 0UL;
            for (var first = 0; first < Layers; first++)
            {
                if ((starts & (1UL << first)) != 0)
                    next |= ends[first];
            }

            starts = next;
        }

        return starts;
    }

    private bool MayLead(TinyNode node, int start, int gpus) =>
        node.CpuMillis >= _request.CpuRequestMillis
        && Bytes.FromGiB(node.HostGiB) >= Bytes.Max(_costs.HostBytes(start, gpus) + _request.HostMemoryMargin, _request.LeastHostMemory);

    private bool MayWorkFor(TinyNode node, TinyNode leader) =>
        node.CpuMillis >= (_request.WorkerCpuRequestMillis ?? _request.CpuRequestMillis)
        && Bytes.FromGiB(node.HostGiB) >= Bytes.Max(_request.WorkerHostMemory, _request.LeastHostMemory)
        && (_request.LeaderNode is not null || node.Pool <= leader.Pool)
        && (_request.MixedGpus || node.Product == leader.Product);

    /// <summary>For one size of GPU and each first layer, the ends of the ranges that fit, as bits.</summary>
    private sealed class Ranges(LlamaCppCosts costs, Bytes usable)
    {
        public ulong[] OfOne { get; } = Ends((first, last) => costs.DeviceBytes(first, last, 0, 1, partialOffload: false), costs, usable);

        public ulong[] OfMany { get; } = Ends((first, last) => costs.DeviceBytes(first, last, 1, 3, partialOffload: false), costs, usable);

        public ulong[] AfterHost { get; } = Ends((first, last) => costs.DeviceBytes(first, last, 0, 3, partialOffload: true), costs, usable);

        private static ulong[] Ends(Func<int, int, Bytes> bytes, LlamaCppCosts costs, Bytes usable)
        {
            var ends = new ulong[costs.OffloadableLayers];
            for (var first = 0; first < ends.Length; first++)
            {
                for (var last = first; last < ends.Length; last++)
                    ends[first] |= bytes(first, last) + costs.OverheadPerDevice <= usable ? 1UL << (last + 1) : 0;
            }

            return ends;
        }
    }
}
