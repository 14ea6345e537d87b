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

    /// <summary>Keeps a group's place, and changes what else its pods are made of. A group that was given up meanwhile stays so.</summary>
    public void Change(DeploymentKey deployment, PlannedGroup group)
    {
        lock (_gate)
        {
            if (_ledger.Of(deployment).GetValueOrDefault(group.Index)?.Hash == group.Hash)
                _ledger.Set(deployment, group);
        }
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
        Question? refused;
        lock (_gate)
        {
            ServeWaitingBefore(input.Rank, placed);
            (outcome, refused) = DecideOne(input);
        }
        foreach (var deployment in placed)
            Placed?.Invoke(deployment);
        if (refused is not null)
            return outcome with { Refusal = WithSuggestions(input, outcome.Refusal!, refused) };
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

    /// <summary>
    /// A deployment does not ask for capacity any more, and keeps the plans that it has: its spec cannot be decided on now. Otherwise what it
    /// last asked for would get a place that nobody uses.
    /// </summary>
    public void StopWaiting(DeploymentKey deployment)
    {
        lock (_gate)
            Forget(deployment);
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
    private PlacementPlan WithSuggestions(PlanningInput input, PlacementPlan refusal, Question refused)
    {
        if (_advice.TryGetValue(input.Deployment, out var last) && last.InputHash == input.InputHash && SameAnswer(last.Refusal, refusal))
            return last.Refusal;
        var advised = refusal with { Suggestions = Planner.Suggest(refused.Fleet, refused.Request, refusal) };
        _advice[input.Deployment] = new Advice(input.InputHash, advised);
        return advised;
    }

    private static bool SameAnswer(PlacementPlan left, PlacementPlan right) =>
        left.Message == right.Message
        && left.Rejected.Select(rejection => (rejection.Reason, rejection.Message, rejection.Nodes))
            .SequenceEqual(right.Rejected.Select(rejection => (rejection.Reason, rejection.Message, rejection.Nodes)));

    private (PlanningOutcome Outcome, Question? Refused) DecideOne(PlanningInput input)
    {
        ReleaseFrom(input.Deployment, input.Replicas + input.Surge);
        Forget(input.Deployment);
        var refusals = new List<Refused>();
        var fresh = new List<int>();
        for (var index = 0; index < input.Replicas; index++)
        {
            if (_ledger.Of(input.Deployment).GetValueOrDefault(index) is not { } present)
            {
                fresh.Add(index);
                continue;
            }

            var broken = input.Broken.Contains(index);
            // One refusal speaks for all groups that could go on running: they ask for the same. A broken one is always looked at.
            if (!broken && (refusals.Count > 0 || present.InputHash == input.InputHash || !input.MayUpdate.Contains(index)))
                continue;
            var question = new Question(fleet.Without([new GroupKey(input.Deployment, index)]), RequestOf(input, index));
            if (broken && ElsewhereThanFull(input, index, question) is { } elsewhere)
            {
                Keep(input, index, elsewhere);
                continue;
            }
            var answer = Planner.Decide(question.Fleet, question.Request);
            if (answer.Feasible)
                Keep(input, index, answer.Groups[0]);
            else
                refusals.Add(new Refused(broken ? RefusedGroup.Broken : RefusedGroup.Changed, question, answer));
        }
        foreach (var alike in input.Alike(fresh))
        {
            // Volumes of their own may let new groups stand where the others cannot.
            if ((refusals.Count == 0 || !input.GroupVolumes.IsEmpty) && PlaceNew(input, alike) is { } refused)
                refusals.Add(refused);
        }
        if (refusals.Count > 0)
            Wait(input);
        else
            PlaceSurge(input);
        var worst = refusals.Find(refusal => refusal.Group == RefusedGroup.Broken) ?? refusals.FirstOrDefault();
        return (new PlanningOutcome(_ledger.Of(input.Deployment), worst?.Answer, worst?.Group), worst?.Question);
    }

    /// <summary>A place without the nodes that turned out to be full; null where none did, or where there is no other place.</summary>
    private static GroupPlan? ElsewhereThanFull(PlanningInput input, int index, Question question)
    {
        if (!input.Full.TryGetValue(index, out var full))
            return null;
        var answer = Planner.Decide(full.Aggregate(question.Fleet, (fleet, node) => fleet.Without(node)), question.Request);
        return answer.Feasible ? answer.Groups[0] : null;
    }

    /// <summary>Places groups that ask for the same and have no place yet: together, or else as many as can be.</summary>
    /// <returns>The answer for one that is left over; null when all have a place.</returns>
    private Refused? PlaceNew(PlanningInput input, IReadOnlyList<int> groups)
    {
        var answer = Planner.Decide(fleet.Current, RequestOf(input, groups[0]) with { Replicas = groups.Count });
        for (var i = 0; i < answer.Groups.Length; i++)
            Keep(input, groups[i], answer.Groups[i]);
        // With some placed, the answer for those left over speaks of what is left over.
        foreach (var left in groups.Skip(answer.Groups.Length))
        {
            var question = new Question(fleet.Current, RequestOf(input, left));
            var one = answer.Groups.IsEmpty && groups.Count == 1 ? answer : Planner.Decide(question.Fleet, question.Request);
            if (!one.Feasible)
                return new Refused(RefusedGroup.New, question, one);
            // The search for many looks at a bounded number of places.
            Keep(input, left, one.Groups[0]);
        }

        return null;
    }

    /// <summary>
    /// Groups beyond those that are wanted, for the time of an update: where GPUs are free, and by the present spec. One that serves by an
    /// older spec keeps its place until its turn, as the others do: its pods are there, and requests rest on them.
    /// </summary>
    private void PlaceSurge(PlanningInput input)
    {
        for (var index = input.Replicas; index < input.Replicas + input.Surge; index++)
        {
            if (_ledger.Of(input.Deployment).GetValueOrDefault(index) is { } present)
            {
                if (!input.Broken.Contains(index) && (present.InputHash == input.InputHash || !input.MayUpdate.Contains(index)))
                    continue;
                _ledger.Remove(new GroupKey(input.Deployment, index));
            }
            var answer = Planner.Decide(fleet.Current, RequestOf(input, index));
            if (!answer.Feasible)
                return;
            Keep(input, index, answer.Groups[0]);
        }
    }

    private PlacementRequest RequestOf(PlanningInput input, int group) => input.RequestOf(group, _ledger.Of(input.Deployment).Values);

    private void Keep(PlanningInput input, int index, GroupPlan plan)
    {
        _ledger.Set(input.Deployment, input.Decided(plan with { Index = index }));
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

    /// <summary>What the planner was asked for one group.</summary>
    private sealed record Question(Fleet Fleet, PlacementRequest Request);

    private sealed record Refused(RefusedGroup Group, Question Question, PlacementPlan Answer);

    private sealed record Waiting(PlanningInput Input, long TriedVersion);

    private sealed record Advice(string InputHash, PlacementPlan Refusal);
}
