using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Search;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Planning.Report;

/// <summary>
/// Finds changes with which all replicas have a place, by planning with each of them, those that cost least first: lifting a limit of the
/// request, precision of the cache, length of the context, speed, replicas, and last hardware. Nothing is suggested that the planner did
/// not place.
/// </summary>
internal sealed class SuggestionSearch(FleetSurvey survey)
{
    private const int MaxProducts = 3;
    private const long LeastContext = 512;
    private static readonly int[] s_counts = [1, 2, 4, 8];
    private static readonly string[] s_usualProducts = ["L40S", "H100"];

    /// <summary>Contexts people ask for: powers of two and the steps half way.</summary>
    private static readonly long[] s_contexts =
        [.. Enumerable.Range(9, 12).SelectMany(power => new[] { 1L << power, 3L << (power - 1) }).Order()];

    private readonly Fleet _fleet = survey.Fleet;
    private readonly PlacementRequest _request = survey.Request;

    public ImmutableArray<Suggestion> Find(int fitting)
    {
        var found = ImmutableArray.CreateBuilder<Suggestion>();
        Limits(found);
        if (_request.Launch.WithSmallerCache() is { } smaller)
            Try(found, $"engine.kvCacheType: {smaller.KvCacheType}", _request with { Launch = smaller.Launch });
        if (ShorterContext() is { } shorter)
            found.Add(shorter);
        if (_request is { CpuOffload: false, Engine: PlacementEngine.LlamaCpp })
            Try(found, "placement.cpuOffload: Allowed", _request with { CpuOffload = true });
        if (fitting > 0)
            found.Add(new($"replicas: {fitting}", $"{fitting} of {_request.Replicas} replicas fit now"));
        foreach (var hardware in MoreHardware())
            found.Add(hardware);
        return found.ToImmutable();
    }

    private void Limits(ImmutableArray<Suggestion>.Builder found)
    {
        if (_request.LeaderNode is not null)
            Try(found, "placement.leader: leave the choice to the planner", _request with { LeaderNode = null });
        if (_request.Scope != PlacementScope.Auto)
            Try(found, "placement.scope: Auto", _request with { Scope = PlacementScope.Auto });
        if ((_request.TensorParallel ?? _request.PipelineParallel) is not null)
            Try(found, "engine.parallelism: leave the choice to the planner", _request with { TensorParallel = null, PipelineParallel = null });
        if (_request.MaxNodes is not null && Plan(_fleet, _request with { MaxNodes = null }) is { } wider)
            found.Add(new($"placement.maxNodes: {wider.Max(NodesOf)}", Effect(wider)));
        if (_request.HostNetwork)
            Try(found, "network.hostNetwork: false", _request with { HostNetwork = false });
        if (_request.MemoryOverride is not null)
            Try(found, "placement.memory.override: leave it out", _request with { MemoryOverride = null });
        if (!_request.MixedGpus)
            Try(found, "placement.mixedGpus: Allowed", _request with { MixedGpus = true });
        if (_request.GpuSelector != GpuSelector.Any)
            Try(found, "placement.gpuSelector: leave it out", _request with { GpuSelector = GpuSelector.Any });
        if (_request.NodeSelector.Count > 0)
            Try(found, "placement.nodeSelector: leave it out", _request with { NodeSelector = ImmutableDictionary<string, string>.Empty });
        foreach (var taint in Taints())
        {
            Try(found, $"placement.tolerations: {taint.Key}{(taint.Value.Length > 0 ? "=" + taint.Value : "")}:{taint.Effect}",
                _request with { Tolerations = _request.Tolerations.Add(new Toleration { Key = taint.Key, Value = taint.Value, Effect = taint.Effect }) });
        }
    }

    /// <summary>The commonest taints of healthy GPU nodes; those that Kubernetes sets itself tell of faults and are no choice.</summary>
    private IEnumerable<NodeTaint> Taints() => survey.Kinds
        .Where(surveyed => surveyed.Kind.Example.Problem is null)
        .SelectMany(surveyed => surveyed.Kind.Example.Taints, (surveyed, taint) => (Taint: taint, surveyed.Kind.Count))
        .Where(t => t.Taint.Effect is "NoSchedule" or "NoExecute" && !t.Taint.Key.StartsWith("node.kubernetes.io/", StringComparison.Ordinal))
        .GroupBy(t => t.Taint, t => t.Count)
        .OrderByDescending(g => g.Sum()).ThenBy(g => g.Key.ToString(), StringComparer.Ordinal)
        .Take(MaxProducts).Select(g => g.Key);

    private Suggestion? ShorterContext()
    {
        // More context never needs less memory, so the longest that fits is found by halving.
        var shorter = s_contexts.Where(c => c >= LeastContext && c < _request.Launch.ContextLength.Value).ToArray();
        int fits = -1, fails = shorter.Length;
        ImmutableArray<GroupPlan>? plan = null;
        while (fails - fits > 1)
        {
            var middle = fits < 0 && fails == shorter.Length ? 0 : (fits + fails) / 2;
            if (Plan(_fleet, _request with { Launch = _request.Launch.WithContext(new Tokens(shorter[middle])) }) is { } groups)
                (fits, plan) = (middle, groups);
            else
                fails = middle;
        }

        return plan is { } best ? new($"engine.contextLength: {shorter[fits]}", Effect(best)) : null;
    }

    private IEnumerable<Suggestion> MoreHardware()
    {
        var examples = survey.Kinds
            .Where(surveyed => surveyed.Verdict.Reason is null or RejectionReasons.AllGpusTaken or RejectionReasons.HostCpu
                or RejectionReasons.HostMemory or RejectionReasons.HostPort or RejectionReasons.PodSlots)
            .Where(surveyed => surveyed.Kind.Example.Devices.Any(d => d is { Unit: DeviceUnit.Gpu, MemoryPerGpu.Value: > 0 }))
            .GroupBy(surveyed => (surveyed.Kind.Example.Product, surveyed.Kind.Example.MemoryPerGpu))
            .OrderByDescending(g => g.Sum(surveyed => surveyed.Kind.Count)).ThenBy(g => g.Key.Product, StringComparer.Ordinal).ThenBy(g => g.Key.MemoryPerGpu.Value)
            // The kinds come in no order; the node with the first name speaks for its product.
            .Take(MaxProducts).Select(g => _fleet.Find(g.Select(surveyed => surveyed.Kind.FirstName).Min(StringComparer.Ordinal)!)!).ToList();
        // More of too many devices is no help where the engine takes no more: larger ones are.
        if (_request.GpuSelector == GpuSelector.Any && (examples.Count == 0 || LimitedByDevices()))
            examples.AddRange(s_usualProducts.Select(FromTable));
        foreach (var example in examples)
        {
            foreach (var gpus in s_counts)
            {
                var node = Extra(example, gpus);
                if (Plan(_fleet.With(node), _request) is not { } plan)
                    continue;
                yield return new($"add a node with {gpus} x {DeviceReader.Describe(node.Devices[0])} ({node.MemoryPerGpu} each)", Effect(plan));
                break;
            }
        }
    }

    private bool LimitedByDevices() => _request.Engine == PlacementEngine.LlamaCpp && GroupFinder.Of(_request)?.WhyNot(survey) is not null;

    private static FleetNode Extra(FleetNode example, int gpus)
    {
        var pool = example.Devices.First(d => d is { Unit: DeviceUnit.Gpu, MemoryPerGpu.Value: > 0 });
        return example with
        {
            Name = "(new node)",
            Devices = [pool with { Allocatable = gpus, Free = gpus }],
            FreeCpuMillis = NodeReading.Unknown,
            FreeMemory = new Bytes(NodeReading.Unknown),
            FreePods = 1,
            HostPorts = [],
            Problem = null,
        };
    }

    private FleetNode FromTable(string name)
    {
        var product = ProductTable.Default.Find("nvidia", name)!;
        return new FleetNode
        {
            Name = product.Name,
            Labels = _request.NodeSelector,
            Devices =
            [
                new DevicePool
                {
                    Vendor = product.Vendor, Product = product.Name, ResourceName = "nvidia.com/gpu",
                    MemoryPerGpu = product.Memory, Speed = product.Speed,
                },
            ],
        };
    }

    private void Try(ImmutableArray<Suggestion>.Builder found, string change, PlacementRequest changed)
    {
        if (Plan(_fleet, changed) is { } groups)
            found.Add(new(change, Effect(groups)));
    }

    private ImmutableArray<GroupPlan>? Plan(Fleet onFleet, PlacementRequest changed)
    {
        var groups = Planner.Groups(onFleet, changed);
        return groups.Length == _request.Replicas ? groups : null;
    }

    private static int NodesOf(GroupPlan group) => group.Workers.Length + 1;

    private static string Effect(ImmutableArray<GroupPlan> groups)
    {
        var group = groups[0];
        var gpus = group.Leader.Gpus + group.Workers.Sum(w => w.Gpus);
        var where = group.Workers.IsEmpty
            ? $"on {group.Leader.Node}"
            : $"on {NodesOf(group)} nodes, led by {group.Leader.Node}";
        var host = group.Estimate.Layers + 1 - group.GpuLayers;
        var slow = host > 0 ? $", {host} of {group.Estimate.Layers + 1} layers on the CPU" : "";
        var speed = group.PredictedTokensPerSecond is { } tokens ? $", about {tokens:0.#} tokens/s{(group.SpeedCalibrated ? "" : " (uncalibrated)")}" : "";
        return $"fits {where} with {(gpus == 1 ? "1 GPU" : $"{gpus} GPUs")}{slow}{speed}";
    }
}
