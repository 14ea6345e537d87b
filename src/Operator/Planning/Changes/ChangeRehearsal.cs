using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Planning.Changes;

/// <summary>
/// Plays an update through to its end with the operator's own parts: a desk with the plans that are there decides, turns are given by
/// <see cref="UpdateTurns"/>, and a group that was replaced is taken to be Ready, and its old pods to be gone, when the next turn comes.
/// Other deployments are taken to stay as they are: who waits for capacity elsewhere is not rehearsed.
/// </summary>
internal sealed class ChangeRehearsal
{
    private readonly ModelDeployment _wanted;
    private readonly PlanningInput _input;
    private readonly OperatorSettings _settings;
    private readonly DateTimeOffset _now;
    private readonly FleetSource _fleet;
    private readonly PlanningDesk _desk;
    private readonly Dictionary<string, V1Node> _nodes;
    private readonly Dictionary<int, ImmutableArray<PodObservation>> _pods;
    private readonly ILookup<int, V1Pod> _running;
    private readonly Dictionary<int, int> _replacedAt = [];

    public ChangeRehearsal(ClusterPicture picture, ModelDeployment wanted, PlanningInput input, OperatorSettings settings, DateTimeOffset now)
    {
        _wanted = wanted;
        _input = input;
        _settings = settings;
        _now = now;
        _fleet = picture.Fleet(settings.Products);
        _desk = new PlanningDesk(_fleet);
        _nodes = picture.Snapshot.Nodes.ToDictionary(node => node.Metadata.Name ?? "", StringComparer.Ordinal);
        foreach (var deployment in picture.Deployments)
        {
            foreach (var plan in picture.PlansOf(deployment))
                _desk.Restore(ClusterPicture.KeyOf(deployment), plan);
        }
        var own = picture.Snapshot.Pods.Where(pod => PlansInForce.Owner(pod) == input.Deployment).ToList();
        _pods = new Dictionary<int, ImmutableArray<PodObservation>>(GroupViews.Pods(own));
        _running = own.ToLookup(pod => int.TryParse(pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.Group), out var group) ? group : -1);
        Before = Views();
        Broken = NodeHealth.MostlyDown(_fleet.GpuNodes().All, _fleet.GpuNodes().Ready) ? [] : BrokenGroups.Find(Before, settings.UnschedulableToleration, now);
    }

    /// <summary>The groups as they are.</summary>
    public ImmutableArray<GroupView> Before { get; }

    /// <summary>Groups that cannot run where they are.</summary>
    public ImmutableHashSet<int> Broken { get; }

    /// <summary>The rounds in which groups are replaced or made, by index; groups that are not touched are left out.</summary>
    public IReadOnlyDictionary<int, int> ReplacedAt => _replacedAt;

    /// <summary>Plays the update through.</summary>
    /// <returns>The desk's last word.</returns>
    public PlanningOutcome Run()
    {
        // With OnDelete the user gives the turns; whatever their order, it is one group at a time here.
        var strategy = _wanted.Spec.UpdateStrategy.Type == UpdateStrategyType.OnDelete ? new UpdateStrategySpec() : _wanted.Spec.UpdateStrategy;
        var broken = Broken;
        var full = BrokenGroups.Full(Before, _settings.UnschedulableToleration, _now);
        for (var round = 0; ; round++)
        {
            var turns = UpdateTurns.Choose(Views(), strategy, _input.Replicas);
            var outcome = _desk.Decide(_input with { Broken = broken, Full = full, MayUpdate = turns });
            var replaced = Views().Where(view => !UpdateTurns.IsHeld(view, turns, broken) && (view.Outdated || view.Pods.IsEmpty)).ToList();
            foreach (var view in replaced)
                Replace(view, round);
            broken = broken.Except(replaced.Select(view => view.Index));
            // A round replaces groups that no later one touches again; what a removed group held is free for the next round.
            var freed = Before.Where(view => !outcome.Groups.ContainsKey(view.Index)).Count(view => EndPods(view.Index));
            if ((replaced.Count == 0 && freed == 0) || round > Before.Length + _input.Replicas)
                return outcome;
        }
    }

    private ImmutableArray<GroupView> Views() => GroupViews.Of(
        _wanted, _desk.PlansOf(_input.Deployment).Values, _pods, _input.InputHash, name => _nodes.GetValueOrDefault(name), _settings, _now);

    private void Replace(GroupView view, int round)
    {
        EndPods(view.Index);
        _pods[view.Index] =
        [
            .. Enumerable.Range(0, view.WantedPods).Select(i => new PodObservation(
                $"{view.Index}-{i}",
                i == 0 ? GroupLabels.LeaderRole : GroupLabels.WorkerRole,
                view.Group.Plan.Leader.Node,
                view.Group.Hash,
                view.TemplateHash,
                Terminating: false,
                Ready: true,
                UnschedulableSince: null,
                Restarts: 0,
                Reason: null,
                Message: null)),
        ];
        _replacedAt.TryAdd(view.Index, round);
    }

    /// <summary>A group's old pods are gone; true when there were any.</summary>
    private bool EndPods(int group)
    {
        var ended = false;
        foreach (var pod in _running[group])
            ended |= _fleet.RemovePod(pod);
        return ended;
    }
}
