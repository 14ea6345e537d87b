using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling;
using GpuStack.Operator.Objects.Nccl;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Status;

/// <summary>
/// The six conditions of a deployment. Lack of capacity is Reconciling, for it may go by itself; Stalled is what only the user can mend.
/// A deployment that does what is wanted of it, be it nothing, is Ready. Pure.
/// </summary>
internal static class ConditionBuilder
{
    private const int MessageLimit = 4096;

    public static List<V1Condition> Build(DeploymentView view, DateTimeOffset now)
    {
        var inspected = Inspected(view);
        var planned = Planned(view);
        var stalled = Stalled(view);
        var ready = Ready(view, stalled, now);
        return
        [
            .. new[] { inspected, planned, Scheduled(view), ready, Reconciling(view, stalled, ready), stalled }
                .Select(state => Finish(state, view.Deployment, now)),
        ];
    }

    private static State Inspected(DeploymentView view)
    {
        if (view.InspectionFailure is { } failure)
            return new(ConditionTypes.ModelInspected, "False", failure.Reason, failure.Message);
        return view.Model is { } model
            ? new(ConditionTypes.ModelInspected, "True", ConditionReasons.Inspected, $"{model.Architecture}, {model.Layers} layers, {new Bytes(model.WeightBytes)} of weights")
            : new(ConditionTypes.ModelInspected, "Unknown", ConditionReasons.Inspecting, "the model's header is being read");
    }

    private static State Planned(DeploymentView view)
    {
        if (view.Problem is { Reason: ConditionReasons.ConstraintsUnsatisfiable } problem)
            return new(ConditionTypes.Planned, "False", problem.Reason, problem.Message);
        if (view.Model is null)
            return new(ConditionTypes.Planned, "False", ConditionReasons.ModelNotInspected, "the model's facts are not known yet");
        var answer = view.Intent == DeploymentIntent.PlanOnly ? view.Preview : view.Refusal;
        if (answer is { Feasible: false })
        {
            var stays = view.Refused == RefusedGroup.Changed ? "; the groups that run by the older spec go on running" : "";
            return new(ConditionTypes.Planned, "False", ConditionReasons.NothingFits, answer.Message + stays);
        }
        if (view.Intent == DeploymentIntent.Run && view.Problem is not null && view.Groups.IsEmpty)
            return new(ConditionTypes.Planned, "Unknown", ConditionReasons.Planning, "not planned before the deployment is mended");
        return new(ConditionTypes.Planned, "True", ConditionReasons.Planned, view.Intent switch
        {
            DeploymentIntent.PlanOnly => $"{view.Preview?.Groups.Length ?? 0} groups have a place",
            DeploymentIntent.Run => Placed(view) + string.Concat(view.Groups.Select(group => Drivers(group.Group.Plan))),
            _ => "no group is wanted",
        });
    }

    private static State Scheduled(DeploymentView view)
    {
        if (view.Intent != DeploymentIntent.Run)
            return new(ConditionTypes.Scheduled, "False", ConditionReasons.NothingToRun, "no group is wanted");
        if (view.Groups.IsEmpty)
            return new(ConditionTypes.Scheduled, "False", ConditionReasons.NotPlanned, "no group has a plan");
        var unschedulable = view.Groups.SelectMany(group => group.Pods).FirstOrDefault(pod => pod.UnschedulableSince is not null);
        if (unschedulable is not null)
            return new(ConditionTypes.Scheduled, "False", ConditionReasons.PodsUnschedulable, unschedulable.Message ?? "");
        var waiting = view.Groups.Count(group => !group.Scheduled);
        if (waiting > 0 && view.Creation is { } refused)
            return new(ConditionTypes.Scheduled, "False", refused.Reason, refused.Message);
        return waiting == 0
            ? new(ConditionTypes.Scheduled, "True", ConditionReasons.Scheduled, "all pods are bound to their nodes")
            : new(ConditionTypes.Scheduled, "False", ConditionReasons.PodsPending, $"pods of {waiting} of {view.Groups.Length} groups are not bound yet");
    }

    private static State Ready(DeploymentView view, State stalled, DateTimeOffset now)
    {
        var nothing = view.Intent switch
        {
            DeploymentIntent.ScaledToZero => (ConditionReasons.ScaledToZero, "spec.replicas is 0"),
            DeploymentIntent.Suspended => (ConditionReasons.Suspended, "spec.suspend is true"),
            DeploymentIntent.PlanOnly when view.Preview is not null => (ConditionReasons.PlanOnly, "spec.planOnly is true"),
            _ => default,
        };
        if (stalled.Status == "True" && (view.Intent != DeploymentIntent.Run || view.Groups.IsEmpty || !AllServe(view)))
            return new(ConditionTypes.Ready, "False", stalled.Reason, stalled.Message);
        if (nothing.Item1 is not null)
            return new(ConditionTypes.Ready, "True", nothing.Item1, nothing.Item2);
        if (AllServe(view))
            return new(ConditionTypes.Ready, "True", ConditionReasons.Ready, $"{view.Groups.Length} of {view.Deployment.Spec.Replicas} groups serve requests");
        if (view.InspectionFailure is { } failure)
            return new(ConditionTypes.Ready, "False", failure.Reason, failure.Message);
        if (view.Model is null)
            return new(ConditionTypes.Ready, "False", ConditionReasons.Inspecting, "the model's header is being read");
        if (view.Refusal is { } refusal && view.Refused != RefusedGroup.Changed)
            return new(ConditionTypes.Ready, "False", ConditionReasons.InsufficientCapacity, Serving(view, refusal.Message));
        if (view.Creation is { } refused)
            return new(ConditionTypes.Ready, "False", refused.Reason, Serving(view, refused.Message));
        var blocked = view.Groups.FirstOrDefault(group => !group.Ready);
        var reason = blocked is not null && StartupTimes.AreOver(blocked, view.Deployment.Spec.Engine, now) ? ConditionReasons.StartupTimeout
            : WasReady(view) ? ConditionReasons.GroupsNotReady
            : ConditionReasons.GroupsStarting;
        return new(ConditionTypes.Ready, "False", reason, Serving(view, blocked is null
            ? view.ApplyFailure ?? "groups are being created"
            : $"group {blocked.Index}: {view.ApplyFailure ?? blocked.Message}"));
    }

    private static State Reconciling(DeploymentView view, State stalled, State ready)
    {
        State Yes(string reason, string message) => new(ConditionTypes.Reconciling, "True", reason, message);
        var settled = new State(ConditionTypes.Reconciling, "False", ConditionReasons.Settled, "nothing is left to do");
        if (stalled.Status == "True")
            return settled;
        if (view.InspectionFailure is { } failure)
            return Yes(ConditionReasons.Retrying, failure.Message);
        if (view.Model is null)
            return Yes(ConditionReasons.Progressing, "the model's header is being read");
        if (view.ApplyFailure is { } refused)
            return Yes(ConditionReasons.Retrying, refused);
        if (view.Intent != DeploymentIntent.Run)
            return settled;
        if (view.Creation is { } creation && ready.Status != "True")
            return Yes(ConditionReasons.Retrying, creation.Message);
        if (view.FleetMostlyDown && !view.Groups.All(group => group.Ready))
            return Yes(ConditionReasons.Retrying, "more than half of the GPU nodes are not Ready, so nothing is moved");
        if (view.Refusal is not null)
            return Yes(ConditionReasons.WaitingForCapacity, "the deployment waits for GPUs, in the order of priority, then age");
        if (view.Broken.Count > 0)
            return Yes(ConditionReasons.Replanning, $"group {view.Broken.Min()} cannot run where it was");
        if (view.Groups.Any(group => group.Outdated))
            return Yes(ConditionReasons.RollingOut, $"{view.Groups.Count(group => group.Updated)} of {view.Deployment.Spec.Replicas} groups run the present spec");
        return ready.Status == "True" ? settled : Yes(ConditionReasons.Progressing, ready.Message);
    }

    private static State Stalled(DeploymentView view)
    {
        if (view.Problem is { } problem)
            return new(ConditionTypes.Stalled, "True", problem.Reason, problem.Message);
        if (view.InspectionFailure is { IsTransient: false } failure)
            return new(ConditionTypes.Stalled, "True", failure.Reason, failure.Message);
        return view.Intent == DeploymentIntent.Run && EngineProblem(view) is { } engine
            ? new(ConditionTypes.Stalled, "True", engine.Reason, engine.Message)
            : new(ConditionTypes.Stalled, "False", ConditionReasons.NotStalled, "nothing needs the user");
    }

    /// <summary>An engine that fails again and again. It is tried on, ever more rarely, for what ails it may be mended elsewhere.</summary>
    private static StalledProblem? EngineProblem(DeploymentView view)
    {
        foreach (var group in view.Groups.Where(group => !group.Ready))
        {
            if (group.Group.Fallback == NcclFallback.Debug && NcclLadder.Failure(group) is { } failure)
                return new StalledProblem(ConditionReasons.NcclFailing, $"group {group.Index}: NCCL fails whatever is turned off; its log tells more: {failure}");
            if (group.Pods.FirstOrDefault(pod => !pod.Ready && pod.Engine is { GaveUp: true }) is { Engine: { } engine } pod)
            {
                return new StalledProblem(
                    ConditionReasons.EngineFailing,
                    $"group {group.Index}: the engine of pod {pod.Name} failed {engine.Restarts} times and is tried every 10 minutes: {(engine.LastEnd.Length > 0 ? engine.LastEnd : engine.Message)}");
            }
        }
        return null;
    }

    private static bool AllServe(DeploymentView view) =>
        view.Intent == DeploymentIntent.Run
        && view.Groups.Length >= view.Deployment.Spec.Replicas
        && view.Groups.All(group => group.Ready);

    private static bool WasReady(DeploymentView view) =>
        view.Deployment.Status?.Conditions?.Find(condition => condition.Type == ConditionTypes.Ready) is { } before
        && (before.Reason is ConditionReasons.Ready or ConditionReasons.GroupsNotReady);

    private static string Placed(DeploymentView view) =>
        view.Groups is [var only]
            ? $"group 0 runs on {string.Join(", ", only.Group.Plan.Nodes.Select(node => node.Node).Take(8))}"
            : $"{view.Groups.Length} groups have a place";

    /// <summary>What the installation allows and somebody should know: drivers that differ inside a group.</summary>
    private static string Drivers(GroupPlan plan)
    {
        var drivers = plan.Nodes.GroupBy(node => node.DriverMajor ?? "", StringComparer.Ordinal).ToList();
        return drivers.Count < 2
            ? ""
            : $"; drivers differ in group {plan.Index}: {string.Join(", ", drivers.Select(one => $"{(one.Key.Length > 0 ? one.Key : "unknown")} on {one.First().Node}"))}";
    }

    private static string Serving(DeploymentView view, string? message) =>
        view.Deployment.Spec.Replicas > 1
            ? $"{view.Groups.Count(group => group.Ready)} of {view.Deployment.Spec.Replicas} groups serve requests; {message}"
            : message ?? "";

    private static V1Condition Finish(State state, ModelDeployment deployment, DateTimeOffset now)
    {
        var before = deployment.Status?.Conditions?.Find(condition => condition.Type == state.Type);
        return new V1Condition
        {
            Type = state.Type,
            Status = state.Status,
            Reason = state.Reason,
            Message = state.Message.Length <= MessageLimit ? state.Message : $"{state.Message[..(MessageLimit - 1)]}…",
            ObservedGeneration = deployment.Metadata.Generation,
            // The API keeps whole seconds.
            LastTransitionTime = before?.Status == state.Status && before.LastTransitionTime is { } since
                ? since
                : DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
        };
    }

    private sealed record State(string Type, string Status, string Reason, string Message);
}
