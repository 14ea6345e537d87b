using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning.Report;

/// <summary>
/// Answers "why this node?" and "why not that one?" for any node of the fleet that a plan was decided on. The reason against a node is the
/// one that it is counted under; what would do is compared with what was taken.
/// </summary>
internal sealed class NodeExplainer(FleetSurvey survey, GroupFinder finder, PlacementPlan plan)
{
    private readonly PlacementRequest _request = finder.Request;
    private readonly NodeJudgement _judgement = new(survey, finder, plan.Groups, plan.Feasible);

    public NodeExplanation Explain(string name)
    {
        if (survey.Fleet.Find(name) is not { } node)
            return new NodeExplanation(name, Chosen: false, NodeExplanation.NoSuchNode, "there is no node of this name");
        foreach (var group in plan.Groups)
        {
            if (group.Leader.Node == name)
                return new NodeExplanation(name, Chosen: true, NodeExplanation.Leader, $"leads group {group.Index}: {WhyLeader(group)}");
            if (group.Workers.FirstOrDefault(worker => worker.Node == name) is { } worker)
                return new NodeExplanation(name, Chosen: true, NodeExplanation.Worker, $"works for group {group.Index} with {Devices(worker.Gpus)}: {WhySeveral(group)}");
        }

        var surveyed = survey.Kinds.First(kind => kind.Kind.Names.Contains(name) && !kind.Kind.Except.Contains(name));
        var finding = _judgement.Of(surveyed);
        var message = NodeJudgement.InFull(finding, node);
        if (finding.Reason == RejectionReasons.NotNeeded && !plan.Groups.IsEmpty)
            message += "; " + WhyOthers(node, _judgement.ClassOf(surveyed));
        return new NodeExplanation(name, Chosen: false, finding.Reason, message);
    }

    private string WhyLeader(GroupPlan group)
    {
        var pool = Text($"{Pool(group.Leader)} of free GPU memory");
        if (_request.LeaderNode is not null)
            return $"placement.leader.nodeName names it ({pool})";
        if (!group.Workers.IsEmpty)
            return $"its {pool} are the most in the group; {WhySeveral(group)}";
        return _request.Strategy == PlacementStrategy.Spread
            ? $"no node that can serve it has more than its {pool} (strategy Spread)"
            : $"of the nodes that hold the model alone none has less than its {pool} (strategy Pack)";
    }

    private static string WhySeveral(GroupPlan group) => Text($"{group.Workers.Length + 1} nodes are the fewest that hold the model");

    /// <summary>What was taken instead of a node that would do.</summary>
    private string WhyOthers(FleetNode node, NodeClass c)
    {
        var group = plan.Groups[0];
        if (!group.Workers.IsEmpty)
            return Text($"the {group.Workers.Length + 1} nodes taken are as few, and come first by domains, GPUs, speed and name");
        var taken = group.Leader;
        if (taken.Gpus < c.Gpus && !finder.Holds(c, taken.Gpus))
            return Text($"it would take more than the {Devices(taken.Gpus)} that suffice on {taken.Node}");
        var pools = (Own: new Bytes(c.Pool), Taken: Pool(taken));
        if (pools.Own != pools.Taken)
        {
            return _request.Strategy == PlacementStrategy.Spread
                ? $"{taken.Node} was taken, for {pools.Taken} of free GPU memory are more than {pools.Own} (strategy Spread)"
                : $"{taken.Node} was taken, for {pools.Taken} of free GPU memory are less than {pools.Own} (strategy Pack keeps large pools free)";
        }

        return node.Product == taken.Product ? $"{taken.Node} is its equal and was taken, for its name comes first" : $"{taken.Node} was taken, for it is at least as fast";
    }

    private Bytes Pool(PlannedNode planned)
    {
        var pool = survey.Fleet.Find(planned.Node)!.Devices.First(devices => devices.ResourceName == planned.ResourceName);
        return pool.MemoryPerGpu * pool.FreeForGroup;
    }

    private static string Devices(int gpus) => gpus == 1 ? "1 GPU" : Text($"{gpus} GPUs");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
