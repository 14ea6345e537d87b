using System.Collections.Concurrent;
using System.Collections.Immutable;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning;

/// <summary>
/// The one place where plans are decided, one at a time, so that two deployments never get one GPU.
/// <list type="bullet">
/// <item>A group that has a plan for the present input keeps it, whatever else would fit better now.</item>
/// <item>A group is planned anew when its input changed and its turn has come, or when it cannot run where it is. It then may take its own
/// pods' places. If it fits nowhere, the old plan stays in force: what runs goes on running.</item>
/// <item>Who waits for capacity is served before a newcomer that ranks lower, as soon as something became free.</item>
/// </list>
/// </summary>
internal sealed class PlanningDesk(FleetSource fleet)
{
    private readonly Lock _gate = new();
    private readonly PlanLedger _ledger = new(fleet);
    private readonly SortedDictionary<WaitingRank, Waiting> _waiting = [];
    private readonly Dictionary<DeploymentKey, WaitingRank> _ranks = [];
    private readonly ConcurrentDictionary<DeploymentKey, Advice> _advice = [];

    /// <summary>Called, outside the gate, for a waiting deployment that was given a place while somebody else was served.</summary>
    public Action<DeploymentKey>? Placed { get; set; }

    /// <summary>Takes over plans that an earlier run of the operator decided.</summary>
    public void Restore(DeploymentKey deployment, PlannedGroup group)
    {
        lock (_gate)
            _ledger.Set(deployment, group);
    }

    /// <summary>The plans in force of a deployment.</summary>
    public ImmutableSortedDictionary<int, PlannedGroup> PlansOf(DeploymentKey deployment)
    {
        lock (_gate)
            return _ledger.Of(deployment);
    }

    /// <summary>Decides for every group of a deployment.</summary>
    public PlanningOutcome Decide(PlanningInput input)
    {
        List<DeploymentKey> placed = [];
        PlanningOutcome outcome;
        Fleet? refusedOn;
        lock (_gate)
        {
            ServeWaitingBefore(input.Rank, placed);
            (outcome, refusedOn) = DecideOne(input);
        }
        foreach (var deployment in placed)
            Placed?.Invoke(deployment);
        if (refusedOn is not null)
            return outcome with { Refusal = WithSuggestions(input, outcome.Refusal!, refusedOn) };
        _advice.TryRemove(input.Deployment, out _);
        return outcome;
    }

    /// <summary>What the planner would answer if the deployment had nothing yet, without any claim on it.</summary>
    public PlacementPlan Preview(PlanningInput input)
    {
        Fleet without;
        lock (_gate)
            without = fleet.Without(_ledger.Of(input.Deployment).Keys.Select(index => new GroupKey(input.Deployment, index)));
        return Planner.Plan(without, input.Request with { Replicas = input.Replicas }, []);
    }

    /// <summary>Deployments that have a plan on a node.</summary>
    public ImmutableArray<DeploymentKey> DeploymentsOn(string node)
    {
        lock (_gate)
            return _ledger.On(node);
    }

    /// <summary>Gives up all plans of a deployment: it was deleted, suspended or scaled to zero.</summary>
    public void Release(DeploymentKey deployment)
    {
        lock (_gate)
        {
            ReleaseFrom(deployment, 0);
            Forget(deployment);
        }
        _advice.TryRemove(deployment, out _);
    }

    /// <summary>Deployments that wait for capacity, in the order in which they are served.</summary>
    public ImmutableArray<DeploymentKey> WaitingInOrder()
    {
        lock (_gate)
            return [.. _waiting.Values.Select(waiting => waiting.Input.Deployment)];
    }

    /// <summary>
    /// Looks for changes that would help. That is many times the work of a decision, so it is done outside the gate, and again only when
    /// the answer reads otherwise than the last time.
    /// </summary>
    private PlacementPlan WithSuggestions(PlanningInput input, PlacementPlan refusal, Fleet refusedOn)
    {
        if (_advice.TryGetValue(input.Deployment, out var last) && last.InputHash == input.InputHash && SameAnswer(last.Refusal, refusal))
            return last.Refusal;
        var advised = refusal with { Suggestions = Planner.Suggest(refusedOn, input.Request with { Replicas = 1 }, refusal) };
        _advice[input.Deployment] = new Advice(input.InputHash, advised);
        return advised;
    }

    private static bool SameAnswer(PlacementPlan left, PlacementPlan right) =>
        left.Message == right.Message
        && left.Rejected.Select(rejection => (rejection.Reason, rejection.Message, rejection.Nodes))
            .SequenceEqual(right.Rejected.Select(rejection => (rejection.Reason, rejection.Message, rejection.Nodes)));

    private (PlanningOutcome Outcome, Fleet? RefusedOn) DecideOne(PlanningInput input)
    {
        ReleaseFrom(input.Deployment, input.Replicas);
        Forget(input.Deployment);
        PlacementPlan? refusal = null;
        Fleet? refusedOn = null;
        RefusedGroup? refused = null;
        var fresh = new List<int>();
        for (var index = 0; index < input.Replicas; index++)
        {
            if (_ledger.Of(input.Deployment).GetValueOrDefault(index) is not { } present)
            {
                fresh.Add(index);
                continue;
            }

            var broken = input.Broken.Contains(index);
            // One refusal speaks for all groups: they ask for the same.
            if (refused is not null || (!broken && (present.InputHash == input.InputHash || !input.MayUpdate.Contains(index))))
                continue;
            var without = fleet.Without([new GroupKey(input.Deployment, index)]);
            var answer = Planner.Decide(without, input.RequestOf(index, _ledger.Of(input.Deployment).Values));
            if (answer.Feasible)
                Keep(input, index, answer.Groups[0]);
            else
                (refusal, refused, refusedOn) = (answer, broken ? RefusedGroup.Broken : RefusedGroup.Changed, without);
        }
        if (fresh.Count > 0 && refused is null)
        {
            // Groups that have no place yet are placed together, or else as many as can be.
            var answer = Planner.Decide(fleet.Current, input.RequestOf(fresh[0], _ledger.Of(input.Deployment).Values) with { Replicas = fresh.Count });
            for (var i = 0; i < answer.Groups.Length; i++)
                Keep(input, fresh[i], answer.Groups[i]);
            if (!answer.Feasible)
            {
                refusedOn = fleet.Current;
                // With some placed, the answer for those left over speaks of what is left over.
                refusal = answer.Groups.IsEmpty && fresh.Count == 1
                    ? answer
                    : Planner.Decide(refusedOn, input.RequestOf(fresh[answer.Groups.Length], _ledger.Of(input.Deployment).Values));
                refused = RefusedGroup.New;
            }
        }
        if (refused is not null)
            Wait(input);
        return (new PlanningOutcome(_ledger.Of(input.Deployment), refusal, refused), refusedOn);
    }

    private void Keep(PlanningInput input, int index, GroupPlan plan)
    {
        // Only llama.cpp's groups are decided; other engines are planned for a look only.
        var launch = (LlamaCppLaunch)input.Request.Launch;
        _ledger.Set(input.Deployment, new PlannedGroup
        {
            InputHash = input.InputHash,
            SourceKey = input.SourceKey,
            Options = launch.Options,
            Model = launch.Model,
            DownloadUrl = input.DownloadUrl,
            Revision = input.Revision,
            Plan = plan with { Index = index },
        });
    }

    private void ServeWaitingBefore(WaitingRank rank, List<DeploymentKey> placed)
    {
        var version = fleet.FreedVersion;
        foreach (var (waitingRank, waiting) in _waiting.ToArray())
        {
            if (waitingRank.CompareTo(rank) >= 0)
                break;
            if (waiting.TriedVersion == version)
                continue;
            var before = _ledger.Of(waiting.Input.Deployment);
            DecideOne(waiting.Input);
            if (!ReferenceEquals(before, _ledger.Of(waiting.Input.Deployment)))
                placed.Add(waiting.Input.Deployment);
        }
    }

    private void Wait(PlanningInput input)
    {
        _waiting[input.Rank] = new Waiting(input, fleet.FreedVersion);
        _ranks[input.Deployment] = input.Rank;
    }

    private void Forget(DeploymentKey deployment)
    {
        if (_ranks.Remove(deployment, out var rank))
            _waiting.Remove(rank);
    }

    private void ReleaseFrom(DeploymentKey deployment, int firstGroup)
    {
        foreach (var index in _ledger.Of(deployment).Keys.Where(index => index >= firstGroup).ToArray())
            _ledger.Remove(new GroupKey(deployment, index));
    }

    private sealed record Waiting(PlanningInput Input, long TriedVersion);

    private sealed record Advice(string InputHash, PlacementPlan Refusal);
}
