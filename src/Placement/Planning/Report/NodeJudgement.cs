using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning.Report;

/// <summary>
/// Says of a kind of nodes why it is not part of a plan, with exactly one reason: a fault of the node, a wish of the request, or what its
/// free devices hold against what the model takes there.
/// </summary>
internal sealed class NodeJudgement(FleetSurvey survey, GroupFinder finder, ImmutableArray<GroupPlan> groups, bool feasible)
{
    private readonly PlacementRequest _request = finder.Request;
    private readonly bool _severalNodes = groups.Any(g => !g.Workers.IsEmpty);
    private readonly Dictionary<(int Gpus, Bytes Usable), string> _wouldDo = [];

    public NodeFinding Of(SurveyedKind surveyed)
    {
        var verdict = surveyed.Verdict;
        if (verdict.Reason is { } reason)
            return new NodeFinding(reason, verdict.Message, verdict.Lacking, verdict.HostPort);
        var c = ClassOf(surveyed);
        var gpus = _request.Scope == PlacementScope.SingleGpu ? 1 : c.Gpus;
        var holds = finder.Holds(c, gpus);

        if (holds && !c.Key.CanLeadOne)
            return CannotLead(verdict, finder.Needs.LeaderOfOne, "to lead");
        if (!holds && verdict.NoWorkersClaim)
            return new NodeFinding(RejectionReasons.VolumeTopology, _request.WorkerClaims.Message);
        if (!holds && finder.LacksForProcesses(c, groups) is { } processes)
            return new NodeFinding(RejectionReasons.HostMemory, $"needs {processes.Memory} of host memory {processes.Purpose}", verdict.Free.Memory.Value);
        if (!holds && finder.Misfit(survey, c, groups, feasible) is { } misfit)
            return misfit;
        if (feasible && (holds || (_severalNodes && finder.Helps(c))))
            return new NodeFinding(RejectionReasons.NotNeeded, WouldDo(c));
        if (!feasible && groups.Length > 0 && holds)
            return new NodeFinding(RejectionReasons.Constraint, "could serve a replica, but not in the way that was asked for");
        if (_request.LeaderNode is not null && !surveyed.Kind.Forced && _request.Scope is PlacementScope.SingleGpu or PlacementScope.SingleNode)
            return new NodeFinding(RejectionReasons.Constraint, $"placement.leader.nodeName is {_request.LeaderNode}, and scope {_request.Scope} wants one node");
        if (holds)
            return new NodeFinding(RejectionReasons.Constraint, Refusal());
        if (_request.CpuOffload && !feasible && finder.LacksForOffload(c, gpus) is { } lack)
            return CannotLead(verdict, lack.Memory, lack.Purpose);
        return new NodeFinding(RejectionReasons.TooSmall, finder.Lacks(c, gpus));
    }

    /// <summary>The class of the node's largest kind of devices.</summary>
    public NodeClass ClassOf(SurveyedKind surveyed) =>
        ClassTable.Classify(surveyed, ClassTable.Largest(surveyed.Verdict), _request, finder.Needs, withHost: true, largest: true);

    /// <summary>What is free, in words: of one node, or the most of several.</summary>
    public static string Free(string reason, long free, bool several)
    {
        var amount = reason == RejectionReasons.HostCpu ? Eligibility.Cores(free) : new Bytes(Math.Max(0, free)).ToString();
        return several ? $"free at most {amount}" : $"free {amount}";
    }

    /// <summary>A finding about one node, with what is free there or who has the port.</summary>
    public static string InFull(NodeFinding finding, FleetNode node) => finding switch
    {
        { Free: { } free } => $"{finding.Text}, {Free(finding.Reason, free, several: false)}",
        { HostPort: { } port } => $"{finding.Text} by {HolderOf(port, node)}",
        _ => finding.Text,
    };

    /// <summary>Who has a port of a node.</summary>
    public static string HolderOf(int port, FleetNode node) => node.HostPorts.FirstOrDefault(taken => taken.Port == port).Holder ?? "another pod";

    private string WouldDo(NodeClass c)
    {
        var key = (c.Gpus, c.Devices.MemoryPerGpu);
        if (!_wouldDo.TryGetValue(key, out var text))
        {
            var usable = finder.Usable(c.Devices.MemoryPerGpu) * c.Gpus;
            _wouldDo[key] = text = string.Create(CultureInfo.InvariantCulture, $"would do: {(c.Gpus == 1 ? "1 GPU" : $"{c.Gpus} GPUs")} with {usable} usable");
        }

        return text;
    }

    private string Refusal() =>
        _request.Scope == PlacementScope.MultiNode ? "holds the model alone, but scope MultiNode wants two nodes or more"
        : _request.LeaderNode is { } leader ? $"holds the model alone, but placement.leader.nodeName is {leader}"
        : "holds the model alone, but not in the way that was asked for";

    private NodeFinding CannotLead(Verdict verdict, Bytes memory, string purpose) =>
        verdict.LeadersPort is { } port ? new(RejectionReasons.HostPort, Eligibility.PortTaken(port), HostPort: port)
        : verdict.LeadersVolume is { } volume ? new(RejectionReasons.VolumeTopology, volume.Message)
        : verdict.Free.CpuMillis < finder.Needs.LeaderCpu
            ? new(RejectionReasons.HostCpu, $"needs {Eligibility.Cores(finder.Needs.LeaderCpu)} CPU to lead", verdict.Free.CpuMillis)
            : new(RejectionReasons.HostMemory, $"needs {memory} of host memory {purpose}", verdict.Free.Memory.Value);
}
