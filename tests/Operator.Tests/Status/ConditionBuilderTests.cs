using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects.Nccl;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Tests.Status;

public class ConditionBuilderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly PlacementPlan NoPlace = new() { Feasible = false, Engine = PlacementEngine.LlamaCpp, Message = "needs 40 GiB, has 24 GiB" };

    // name, Ready, Reconciling, Stalled
    public static TheoryData<string, string, string, string> States => new()
    {
        { "inspecting", "False Inspecting", "True Progressing", "False NotStalled" },
        { "unreachable", "False SourceUnreachable", "True Retrying", "False NotStalled" },
        { "not found", "False ModelNotFound", "False Settled", "True ModelNotFound" },
        { "no place", "False InsufficientCapacity", "True WaitingForCapacity", "False NotStalled" },
        { "starting", "False GroupsStarting", "True Progressing", "False NotStalled" },
        { "was ready", "False GroupsNotReady", "True Progressing", "False NotStalled" },
        { "ready", "True Ready", "False Settled", "False NotStalled" },
        { "changed fits nowhere", "True Ready", "True WaitingForCapacity", "False NotStalled" },
        { "rolling", "True Ready", "True RollingOut", "False NotStalled" },
        { "suspended", "True Suspended", "False Settled", "False NotStalled" },
        { "scaled to zero", "True ScaledToZero", "False Settled", "False NotStalled" },
        { "plan only", "True PlanOnly", "False Settled", "False NotStalled" },
        { "name conflict", "False NameConflict", "False Settled", "True NameConflict" },
        { "other engine", "False ConstraintsUnsatisfiable", "False Settled", "True ConstraintsUnsatisfiable" },
        { "refused by the server", "False GroupsStarting", "True Retrying", "False NotStalled" },
        { "a quota has no room for pods", "False QuotaExceeded", "True Retrying", "False NotStalled" },
        { "pods are refused", "False PodsRefused", "True Retrying", "False NotStalled" },
        { "a quota has no room for a child", "False QuotaExceeded", "True Retrying", "False NotStalled" },
        { "serves while a quota refuses more", "True Ready", "False Settled", "False NotStalled" },
        { "most nodes down", "False GroupsStarting", "True Retrying", "False NotStalled" },
        { "broken", "False GroupsStarting", "True Replanning", "False NotStalled" },
        { "starts for too long", "False StartupTimeout", "True Progressing", "False NotStalled" },
        { "engine failing", "False EngineFailing", "False Settled", "True EngineFailing" },
        { "waits for a worker for long", "False GroupsStarting", "True Progressing", "False NotStalled" },
        { "NCCL failing", "False NcclFailing", "False Settled", "True NcclFailing" },
        { "NCCL turned down and starting", "False GroupsStarting", "True Progressing", "False NotStalled" },
        { "NCCL turned down and well", "True Ready", "False Settled", "False NotStalled" },
    };

    [Theory]
    [MemberData(nameof(States))]
    public async Task Each_state_has_its_conditions(string state, string ready, string reconciling, string stalled)
    {
        var conditions = ConditionBuilder.Build(await ViewAsync(state), Now);

        Assert.Equal(
            [ConditionTypes.ModelInspected, ConditionTypes.Planned, ConditionTypes.Scheduled, ConditionTypes.Ready, ConditionTypes.Reconciling, ConditionTypes.Stalled],
            conditions.Select(condition => condition.Type));
        Assert.Equal(
            (ready, reconciling, stalled),
            (Text(conditions, ConditionTypes.Ready), Text(conditions, ConditionTypes.Reconciling), Text(conditions, ConditionTypes.Stalled)));
        Assert.All(conditions, condition => Assert.True(
            ConditionTable.Contains(condition.Type!, condition.Status!, condition.Reason!),
            $"{condition.Type} {condition.Status} {condition.Reason} is not in the table"));
        Assert.All(conditions, condition => Assert.Equal(1, condition.ObservedGeneration));
    }

    [Fact]
    public async Task LastTransitionTime_moves_with_the_status_alone()
    {
        var deployment = Inputs.Small();
        var since = Now.AddHours(-1);
        deployment.Status = new ModelDeploymentStatus
        {
            Conditions =
            [
                new V1Condition { Type = "Ready", Status = "False", Reason = "InsufficientCapacity", LastTransitionTime = since },
                new V1Condition { Type = "Planned", Status = "False", Reason = "NothingFits", LastTransitionTime = since },
            ],
        };
        var group = await Views.GroupAsync();

        var conditions = ConditionBuilder.Build(Views.Of(deployment, Views.View(group, Views.Pod(group, ready: false))), Now);

        Assert.Equal(since, conditions.Single(condition => condition.Type == "Ready").LastTransitionTime);
        Assert.Equal(Now, conditions.Single(condition => condition.Type == "Planned").LastTransitionTime);
    }

    [Fact]
    public async Task Drivers_that_differ_inside_a_group_are_noted()
    {
        var group = await Views.GroupAsync();
        var leader = group.Plan.Leader with { DriverMajor = "550" };
        var mixed = group with { Plan = group.Plan with { Leader = leader, Workers = [leader with { Node = "gpu-9", DriverMajor = "535" }] } };

        var conditions = ConditionBuilder.Build(Views.Of(Inputs.Small(), Views.View(mixed, Views.Pod(mixed))), Now);

        Assert.EndsWith("; drivers differ in group 0: 550 on gpu-0, 535 on gpu-9", conditions.Single(condition => condition.Type == "Planned").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_kubelets_own_words_appear_in_the_Ready_message()
    {
        var group = await Views.GroupAsync();
        var pod = Views.Pod(group, ready: false) with { Reason = "ImagePullBackOff", Message = "pod small-0-0, container engine: ImagePullBackOff: Back-off pulling image \"x\"" };

        var conditions = ConditionBuilder.Build(Views.Of(Inputs.Small(), Views.View(group, pod)), Now);

        Assert.Contains("Back-off pulling image \"x\"", conditions.Single(condition => condition.Type == "Ready").Message, StringComparison.Ordinal);
    }

    private static async Task<DeploymentView> ViewAsync(string state)
    {
        var group = await Views.GroupAsync();
        var ready = Views.View(group, Views.Pod(group));
        var starting = Views.View(group, Views.Pod(group, ready: false));
        var model = new InspectedModel { Gguf = group.Model };
        ModelDeployment small = Inputs.Small();
        return state switch
        {
            "inspecting" => Views.Of(small),
            "unreachable" => Views.Of(small) with { InspectionFailure = new("SourceUnreachable", "no answer", transient: true) },
            "not found" => Views.Of(small) with { InspectionFailure = new("ModelNotFound", "no such file") },
            "no place" => Views.Of(small) with { Model = model, Refusal = NoPlace, Refused = RefusedGroup.New },
            "starting" => Views.Of(small, starting),
            "was ready" => Views.Of(WasReady(small), starting),
            "ready" => Views.Of(small, ready),
            "changed fits nowhere" => Views.Of(small, Old(ready)) with { Refusal = NoPlace, Refused = RefusedGroup.Changed },
            "rolling" => Views.Of(small, Old(ready)),
            "suspended" => Views.Of(small) with { Intent = DeploymentIntent.Suspended, Model = model },
            "scaled to zero" => Views.Of(small) with { Intent = DeploymentIntent.ScaledToZero, Model = model },
            "plan only" => Views.Of(small) with { Intent = DeploymentIntent.PlanOnly, Model = model, Preview = NoPlace },
            "name conflict" => Views.Of(small, starting) with { Problem = new StalledProblem("NameConflict", "Service small exists") },
            "other engine" => Views.Of(small) with { Problem = new StalledProblem("ConstraintsUnsatisfiable", "VLLM is not supported") },
            "refused by the server" => Views.Of(small, starting) with { ApplyFailure = "exceeded quota" },
            "a quota has no room for pods" => Views.Of(small, Views.View(group)) with { Creation = CreationRefusal.OfPod("create Pod small-0-0 failed error: exceeded quota: q, requested: pods=1") },
            "pods are refused" => Views.Of(small, Views.View(group)) with { Creation = CreationRefusal.OfPod("create Pod small-0-0 failed error: violates PodSecurity") },
            "a quota has no room for a child" => Views.Of(small, Views.View(group)) with { ApplyFailure = "exceeded quota: q", Creation = CreationRefusal.OfChild("exceeded quota: q") },
            "serves while a quota refuses more" => Views.Of(small, ready) with { Creation = CreationRefusal.OfPod("exceeded quota: q") },
            "most nodes down" => Views.Of(small, starting) with { FleetMostlyDown = true },
            "broken" => Views.Of(small, starting) with { Broken = new HashSet<int> { 0 } },
            "starts for too long" => Views.Of(small, With(group, pod => pod with { EngineSince = Now.AddMinutes(-31), Since = Now.AddHours(-1) })),
            "engine failing" => Views.Of(small, With(group, pod => pod with { Engine = new EngineReport { State = "Stalled", Restarts = 6, LastEnd = "exit code 1" } })),
            "waits for a worker for long" => Views.Of(small, With(group, pod => pod with { Engine = new EngineReport { State = "Stalled", Message = "after 600 s still worker w0 is away" } })),
            "NCCL failing" => Views.Of(small, Views.View(Debugging(group), Views.Pod(group, ready: false) with { EngineSince = Now, Engine = new EngineReport { NcclFailure = "NCCL error" } })),
            "NCCL turned down and starting" => Views.Of(small, Views.View(Debugging(group), Views.Pod(group, ready: false) with { EngineSince = Now })),
            "NCCL turned down and well" => Views.Of(small, Views.View(Debugging(group), Views.Pod(group))),
            _ => throw new ArgumentOutOfRangeException(nameof(state)),
        };

        static GroupView With(PlannedGroup group, Func<PodObservation, PodObservation> change) => Views.View(group, change(Views.Pod(group, ready: false)));

        static PlannedGroup Debugging(PlannedGroup group) => group with { Fallback = NcclFallback.Debug, FallbackReason = "NCCL error" };
    }

    private static ModelDeployment WasReady(ModelDeployment deployment)
    {
        deployment.Status = new ModelDeploymentStatus { Conditions = [new V1Condition { Type = "Ready", Status = "True", Reason = "Ready" }] };
        return deployment;
    }

    private static GroupView Old(GroupView view) => view with { InputHash = "newer" };

    private static string Text(List<V1Condition> conditions, string type)
    {
        var condition = conditions.Single(one => one.Type == type);
        return $"{condition.Status} {condition.Reason}";
    }
}
