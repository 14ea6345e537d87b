using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Report;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>Finds places for the groups of vLLM and SGLang, and says what nodes lack for them.</summary>
internal sealed class ServingFinder : GroupFinder
{
    private readonly ServingReasons _reasons;
    private readonly Dictionary<(string Product, long Memory, int Gpus), (bool Holds, string Lacks)> _alone = [];
    private string? _joinedProduct;
    private bool _joinedAsked;

    public ServingFinder(PlacementRequest request)
        : base(request)
    {
        _reasons = new(request);
        // No layer stays on a host: what its pods ask for is shared memory and a margin for the pod's and each GPU's processes.
        // Who gives a figure knows better than a margin.
        var given = request.LeastHostMemory.Value > 0 ? new ProcessMemory(request.LeastHostMemory, default) : null;
        var leader = given ?? new ProcessMemory(request.HostMemoryMargin, request.HostMemoryPerGpu);
        var worker = given ?? leader with { Pod = request.WorkerHostMemory };
        Needs = new HostNeeds
        {
            LeaderCpu = request.CpuRequestMillis,
            WorkerCpu = request.WorkerCpuRequestMillis ?? request.CpuRequestMillis,
            LeaderOfOne = leader.Of(1),
            // A leader of several nodes may have one GPU itself; classes count no more GPUs than the memory is for.
            LeaderOfMany = leader.Of(1),
            Worker = worker.Of(1),
            LeaderProcesses = leader,
            WorkerProcesses = worker,
        };
    }

    public override HostNeeds Needs { get; }

    public override GroupPlan? Find(FleetSurvey survey, int index) =>
        Candidate(survey) is { } candidate && ClaimsFit(survey, candidate) ? ServingPlanBuilder.Build(Request, Needs, candidate, index) : null;

    public override Bytes Usable(Bytes memoryPerGpu) => ServingFits.Of(Request).On(new GpuKind("", memoryPerGpu)).Usable;

    public override bool Holds(NodeClass c, int gpus) => Alone(c, gpus).Holds;

    public override bool Helps(NodeClass c) => _reasons.HoldsStages(c, c.Gpus);

    public override string Lacks(NodeClass c, int gpus) => Alone(c, gpus).Lacks;

    public override Bytes Need(int gpus) => EngineEstimate.Served(Request.Launch).Model.WeightSize;

    public override NodeFinding? Misfit(FleetSurvey survey, NodeClass c, ImmutableArray<GroupPlan> groups, bool feasible)
    {
        if (!feasible)
        {
            return groups.IsEmpty && c.Devices.Product == JoinedProduct(survey)
                ? new(RejectionReasons.DriverMismatch, $"has driver {Driver(c.Devices)}: its {DeviceReader.Describe(c.Devices)} would hold the model together with those of other nodes, but a group needs one driver")
                : null;
        }

        if (groups.FirstOrDefault(g => !g.Workers.IsEmpty) is not { } group)
            return null;
        var taken = survey.Fleet.Find(group.Leader.Node)!.Devices.First(d => d.ResourceName == group.Leader.ResourceName);
        if (taken.Product != c.Devices.Product)
            return new(RejectionReasons.Constraint, $"has {DeviceReader.Describe(c.Devices)}, and the group is of {DeviceReader.Describe(taken)}: {Request.Engine} needs one product");
        return !Request.DriversMayDiffer && taken.DriverMajor != c.Devices.DriverMajor
            ? new(RejectionReasons.DriverMismatch, $"has driver {Driver(c.Devices)}, and the group {Driver(taken)}: {Request.Engine} needs one")
            : c.Gpus < group.Leader.Gpus
                ? new(RejectionReasons.TooSmall, string.Create(CultureInfo.InvariantCulture, $"{group.Leader.Gpus} free GPUs are needed on each node of the group, free {c.Gpus}"))
                : null;
    }

    public override (Bytes Memory, string Purpose)? LacksForProcesses(NodeClass c, ImmutableArray<GroupPlan> groups)
    {
        for (var gpus = c.Gpus + 1; gpus <= Math.Min(c.Devices.FreeForGroup, LayoutChoice.MostGpusPerNode); gpus++)
        {
            var would = groups.FirstOrDefault(g => !g.Workers.IsEmpty) is { } group
                ? gpus == group.Leader.Gpus
                : _reasons.Refusal() is null && (Holds(c, gpus) || (_reasons.HoldsStages(c, gpus) && !_reasons.HoldsStages(c, c.Gpus)));
            if (would && Request.Scope != PlacementScope.SingleGpu)
                return (Needs.LeaderProcesses!.Of(gpus), string.Create(CultureInfo.InvariantCulture, $"for the processes of {gpus} GPUs"));
        }

        return null;
    }

    public override string? WhyNot(FleetSurvey survey)
    {
        if (_reasons.Refusal() is { } refusal)
            return refusal + ".";
        if (Candidate(survey) is { } candidate && !ClaimsFit(survey, candidate))
        {
            var nodes = string.Join(", ", candidate.Set.Names().Skip(1).Select(worker => worker.Name).Take(3));
            return $"The claims that the workers have for themselves, {Request.WorkerClaims.Names}, cannot be mounted on a node each of those that fit ({nodes}): delete those of the workers that are to move, and their pods fetch the model anew.";
        }

        NodeClass? largest = null;
        foreach (var c in ClassTable.Build(survey, Needs, withHost: false).Whole)
        {
            if (largest is null || c.Pool > largest.Pool || (c.Pool == largest.Pool && NodeClass.CompareNames(c, largest) < 0))
                largest = c;
        }

        if (largest is null)
            return null;
        var gpus = Request.Scope == PlacementScope.SingleGpu ? 1 : largest.Gpus;
        var lacks = LacksForProcesses(largest, []) is { } lack ? $"needs {lack.Memory} of host memory {lack.Purpose}" : Lacks(largest, gpus);
        return $"{Request.Launch.ModelName} fits no group of GPUs of one product{(Request.DriversMayDiffer ? "" : " and driver")}{Limits()}; on the node with the most, {largest.FirstName}: {lacks}.";
    }

    /// <summary>First with a claim for every worker; then, for there may be fewer claims than workers, with some that get new ones.</summary>
    private ServingCandidate? Candidate(FleetSurvey survey)
    {
        if (_reasons.Refusal() is not null)
            return null;
        var table = ClassTable.Build(survey, Needs, withHost: false);
        var found = new ServingSearch(Request, table, Request.DriversMayDiffer).Find();
        if (Request.WorkerClaims.IsEmpty || (found is not null && ClaimsFit(survey, found)))
            return found;
        var other = new ServingSearch(Request, table, Request.DriversMayDiffer, newClaims: true).Find();
        return found is null || (other is not null && ClaimsFit(survey, other)) ? other : found;
    }

    /// <summary>The search knows of single nodes alone whether a worker's claim can be mounted there.</summary>
    private bool ClaimsFit(FleetSurvey survey, ServingCandidate candidate) =>
        Request.WorkerClaims.IsEmpty || Request.WorkerClaims.Fit([.. candidate.Set.Names().Skip(1).Select(worker => (worker.Name, survey.Fleet.Find(worker.Name)!.Labels))]);

    private (bool Holds, string Lacks) Alone(NodeClass c, int gpus)
    {
        var key = (c.Key.Product, c.Key.MemoryPerGpu, gpus);
        if (!_alone.TryGetValue(key, out var alone))
            _alone[key] = alone = _reasons.Refusal() is { } refusal ? (false, refusal) : (_reasons.Holds(c, gpus), _reasons.Lacks(c, gpus));
        return alone;
    }

    /// <summary>The product of the nodes that would serve together if drivers made no difference; null when that would not help.</summary>
    private string? JoinedProduct(FleetSurvey survey)
    {
        if (!_joinedAsked)
        {
            _joinedAsked = true;
            var table = ClassTable.Build(survey, Needs, withHost: false);
            if (!Request.DriversMayDiffer && _reasons.Refusal() is null && table.Whole.DistinctBy(c => c.Key.DriverMajor).Count() > 1)
                _joinedProduct = new ServingSearch(Request, table, anyDriver: true).Find()?.Set.Leader.Devices.Product;
        }

        return _joinedProduct;
    }

    private string Limits()
    {
        var limits = new List<string>();
        if (Request.Scope != PlacementScope.Auto)
            limits.Add($"scope {Request.Scope}");
        if (Request.NodeLimit is { } most)
            limits.Add(string.Create(CultureInfo.InvariantCulture, $"maxNodes {most}"));
        return limits.Count == 0 ? "" : " within " + string.Join(", ", limits);
    }

    private static string Driver(DevicePool devices) => devices.DriverMajor.Length > 0 ? devices.DriverMajor : "unknown";
}
