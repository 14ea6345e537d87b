using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.Validation;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects.Arguments;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Controllers;

/// <summary>What a spec wants at all, and what of it cannot be done. Pure.</summary>
internal static class SpecJudgement
{
    public static DeploymentIntent Intent(ModelDeploymentSpec spec) => spec switch
    {
        { Suspend: true } => DeploymentIntent.Suspended,
        { Replicas: 0 } => DeploymentIntent.ScaledToZero,
        { PlanOnly: true } => DeploymentIntent.PlanOnly,
        _ => DeploymentIntent.Run,
    };

    /// <summary>What only the user can mend; null when there is nothing.</summary>
    public static StalledProblem? Problem(ModelDeployment deployment)
    {
        if (ModelDeploymentValidator.Check(deployment) is [var invalid, ..])
            return new StalledProblem(ConditionReasons.InvalidSpec, invalid.ToString());
        var engine = ModelSource.Engine(deployment.Spec);
        if (PlannedFlags.Contradiction(engine, deployment.Spec.Engine.Args) is { } contradiction)
            return new StalledProblem(ConditionReasons.InvalidSpec, contradiction);
        return engine == EngineType.LlamaCpp && ForeignField(deployment.Spec) is { } foreign
            ? new StalledProblem(ConditionReasons.ConstraintsUnsatisfiable, $"{foreign}, and the engine is LlamaCpp because the model is a GGUF file: remove it")
            : null;
    }

    /// <summary>
    /// A field that LlamaCpp would ignore. The API's own rules see it where the engine is named; with Auto only the model tells the engine.
    /// </summary>
    private static string? ForeignField(ModelDeploymentSpec spec) => spec switch
    {
        { Engine.KvCacheType: ("auto" or "fp8" or "fp8_e4m3" or "fp8_e5m2") and var type } => $"spec.engine.kvCacheType: {type} is for VLLM and SGLang",
        { Engine.Parallelism: not null } => "spec.engine.parallelism is for VLLM and SGLang",
        { Engine.Distribution: DistributionType.Ray } => "spec.engine.distribution: Ray is for VLLM",
        { Engine.RayHead: RayHeadType.Dedicated } => "spec.engine.rayHead: Dedicated is for VLLM",
        { Network.HostNetwork: true, Placement.Scope: PlacementScope.MultiNode } =>
            "spec.network.hostNetwork is refused over several nodes, for llama.cpp's RPC has no authentication",
        _ => null,
    };
}
