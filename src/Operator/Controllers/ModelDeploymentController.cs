using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Events;
using GpuStack.Operator.Controllers.Engines;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Metrics;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// One pass over a ModelDeployment: validate, inspect the model, decide the plans, apply the children, replace outdated pods, write the
/// status. Every decision is made by a pure function or by the <see cref="PlanningDesk"/>; what is read here comes from the informers.
/// </summary>
internal sealed class ModelDeploymentController(
    ClusterView cluster,
    PlanningDesk desk,
    FleetSource fleet,
    PlanRestore restore,
    ModelInspection inspection,
    GroupExecutor executor,
    StatusWriter statusWriter,
    EngineReports engines,
    PodCreations creations,
    IEventRecorder events,
    RecoveryMetrics recovery,
    OperatorSettings settings,
    TimeProvider time,
    ILogger<ModelDeploymentController> logger) : IEntityController<ModelDeployment>
{
    /// <summary>Capacity that came free without an event that tells of it is found by this.</summary>
    private static readonly TimeSpan CapacityRetry = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FleetDownRetry = TimeSpan.FromSeconds(10);

    public async Task<ReconciliationResult<ModelDeployment>> ReconcileAsync(ModelDeployment entity, CancellationToken cancellationToken)
    {
        restore.Once();
        var key = new DeploymentKey(entity.Metadata.Namespace ?? "", entity.Metadata.Name ?? "");
        var cached = entity.Status;
        entity.Status = statusWriter.Latest(entity);
        var pass = await PassAsync(entity, key, cancellationToken);
        recovery.Observe(key, pass.View);
        await statusWriter.WriteAsync(pass.View, cached, cancellationToken);
        return pass.View.ApplyFailure is { } failure
            ? ReconciliationResult<ModelDeployment>.Failure(entity, failure)
            : ReconciliationResult<ModelDeployment>.Success(entity, pass.LookAgain);
    }

    public Task<ReconciliationResult<ModelDeployment>> DeletedAsync(ModelDeployment entity, CancellationToken cancellationToken)
    {
        var key = new DeploymentKey(entity.Metadata.Namespace ?? "", entity.Metadata.Name ?? "");
        desk.Release(key);
        recovery.Forget(key);
        statusWriter.Forget(entity);
        return Task.FromResult(ReconciliationResult<ModelDeployment>.Success(entity));
    }

    private async Task<Pass> PassAsync(ModelDeployment deployment, DeploymentKey key, CancellationToken cancellationToken)
    {
        var view = new DeploymentView
        {
            Deployment = deployment,
            Intent = SpecJudgement.Intent(deployment.Spec),
            FleetMostlyDown = NodeHealth.MostlyDown(fleet.GpuNodes().All, fleet.GpuNodes().Ready),
        };
        view = WithGroups(view, key, desk.PlansOf(key), inputHash: null);
        if (SpecJudgement.Problem(deployment) is { } problem)
        {
            desk.StopWaiting(key);
            return new Pass(view with { Problem = problem });
        }
        if (view.Intent is DeploymentIntent.ScaledToZero or DeploymentIntent.Suspended)
            return await IdleAsync(view, key, cancellationToken);

        var found = await inspection.FindAsync(deployment, desk.PlansOf(key), cancellationToken);
        view = view with { Model = found.Model, InspectionFailure = found.Failure };
        if (found.Model is not { } model)
        {
            if (found.Failure is not null)
                desk.StopWaiting(key);
            return new Pass(view, found.LookAgain);
        }

        var asked = PlanningInputs.Of(deployment, model, cluster.Storage, cluster.Priority(deployment.Spec.PodTemplate?.PriorityClassName), settings);
        view = WithGroups(view, key, desk.PlansOf(key), asked.InputHash);
        var broken = view.FleetMostlyDown ? ImmutableHashSet<int>.Empty : BrokenGroups.Find(view.Groups, settings.UnschedulableToleration, time.GetUtcNow());
        var turnedDown = TurnDownNccl(view, key);
        if (turnedDown.Count > 0)
            view = WithGroups(view, key, desk.PlansOf(key), asked.InputHash);
        var strategy = deployment.Spec.UpdateStrategy;
        var (groups, replicas) = (view.Groups, deployment.Spec.Replicas);
        var surge = UpdateTurns.Surge(groups, strategy, replicas);
        var input = asked with
        {
            Surge = surge,
            RdmaOf = RdmaResources.Of(deployment, cluster.Node),
            Broken = broken,
            Full = BrokenGroups.Full(view.Groups, settings.UnschedulableToleration, time.GetUtcNow()),
            MayUpdate = UpdateTurns.Choose(groups, strategy, replicas, hasRoom: surge > 0),
        };
        if (view.Intent == DeploymentIntent.PlanOnly)
        {
            desk.StopWaiting(key);
            return new Pass(view with { Preview = desk.Preview(input) }, CapacityRetry);
        }

        var outcome = Decide(input);
        if (surge > 0 && !outcome.Groups.Keys.Any(index => index >= replicas))
        {
            // There is no room for a further group.
            input = input with { MayUpdate = UpdateTurns.Choose(groups, strategy, replicas) };
            outcome = Decide(input);
        }
        Announce(key, groups, outcome);
        view = WithGroups(view, key, outcome.Groups, input.InputHash) with { Refusal = outcome.Refusal, Refused = outcome.Refused, Broken = broken };
        view = await executor.ExecuteAsync(view, key, input.MayUpdate.Union(turnedDown).ToHashSet(), cancellationToken);
        if (view.Groups.Any(group => group.Pods.Length < group.WantedPods))
        {
            creations.Watch(key);
            view = view with { Creation = view.Creation ?? creations.Of(key) };
        }
        return new Pass(view, LookAgain(view));
    }

    private PlanningOutcome Decide(PlanningInput input)
    {
        using var activity = OperatorTracing.Begin("plan");
        var outcome = desk.Decide(input);
        activity?.SetTag("plan.groups", outcome.Groups.Count).SetTag("plan.feasible", outcome.Refusal is null);
        return outcome;
    }

    /// <summary>Takes the next step where NCCL failed, and forgets the steps of another spec.</summary>
    /// <returns>The groups whose pods are to be replaced at once.</returns>
    private HashSet<int> TurnDownNccl(DeploymentView view, DeploymentKey key)
    {
        var turnedDown = new HashSet<int>();
        foreach (var group in view.Groups)
        {
            if (NcclLadder.Reset(view.Deployment, group.Group) is { } reset)
            {
                desk.Change(key, reset);
            }
            else if (NcclLadder.Next(view.Deployment, group) is { } next)
            {
                desk.Change(key, next);
                turnedDown.Add(group.Index);
                var note = $"group {group.Index}: {next.Fallback}, because NCCL failed: {next.FallbackReason}";
                events.Record(view.Deployment, EventType.Warning, "NcclFallback", "NcclFallback", note);
                LogMessages.NcclFallback(logger, key.ToString(), note);
            }
        }
        return turnedDown;
    }

    /// <summary>Nothing is to run: GPUs are given back, the Service and the cache stay.</summary>
    private async Task<Pass> IdleAsync(DeploymentView view, DeploymentKey key, CancellationToken cancellationToken)
    {
        desk.Release(key);
        var known = ModelInspection.Known(view.Groups);
        view = view with { Groups = [], Model = known };
        view = await executor.ExecuteAsync(view, key, ImmutableHashSet<int>.Empty, cancellationToken);
        return new Pass(view);
    }

    private DeploymentView WithGroups(
        DeploymentView view, DeploymentKey key, ImmutableSortedDictionary<int, PlannedGroup> plans, string? inputHash)
    {
        return view with
        {
            Groups = GroupViews.Of(view.Deployment, plans.Values, GroupViews.Pods(cluster.Pods(key), engines.Of), inputHash, cluster.Node, settings, time.GetUtcNow()),
            Image = plans.Values.FirstOrDefault() is { } first ? EngineContainer.Image(view.Deployment, first.Plan.Leader, settings) : view.Deployment.Spec.Engine.Image,
            Environments = plans.Values.ToDictionary(
                plan => plan.Index,
                plan => (IReadOnlyDictionary<string, string>)EngineContainer.Nccl(view.Deployment, plan).ToDictionary(StringComparer.Ordinal)),
        };
    }

    private void Announce(DeploymentKey key, ImmutableArray<GroupView> before, PlanningOutcome outcome)
    {
        foreach (var group in outcome.Groups.Values)
        {
            if (before.FirstOrDefault(known => known.Index == group.Index)?.Group.Hash != group.Hash)
            {
                var nodes = string.Join(", ", group.Plan.Nodes.Select(node => node.Node));
                LogMessages.GroupPlanned(logger, key.ToString(), group.Index, nodes, group.Hash);
            }
        }
    }

    private TimeSpan? LookAgain(DeploymentView view)
    {
        var now = time.GetUtcNow();
        var moments = view.Groups.SelectMany(group => new[] { group.Nodes.NextExpiry, group.HeadNode.NextExpiry })
            .Concat(view.Groups.SelectMany(group => group.Pods)
                .Select(pod => pod.UnschedulableSince is { } since && since + settings.UnschedulableToleration > now
                    ? since + settings.UnschedulableToleration - now
                    : (TimeSpan?)null))
            .Concat(StartupTimes.Of(view.Groups, view.Deployment.Spec.Engine).Where(end => end > now).Select(end => (TimeSpan?)(end - now)))
            .Append(view.Refusal is not null ? CapacityRetry : null)
            .Append(view.FleetMostlyDown && view.Groups.Any(group => !group.Ready) ? FleetDownRetry : null)
            .OfType<TimeSpan>()
            .ToList();
        return moments.Count > 0 ? moments.Min() : null;
    }

    /// <summary>What a pass found, and when to look again.</summary>
    private sealed record Pass(DeploymentView View, TimeSpan? LookAgain = null);
}
