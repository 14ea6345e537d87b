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
    private const string BecauseOfGguf = ", and the engine is LlamaCpp because the model is a GGUF file: remove it";

    public static DeploymentIntent Intent(ModelDeploymentSpec spec) => spec switch
    {
        { Suspend: true } => DeploymentIntent.Suspended,
        { Replicas: 0 } => DeploymentIntent.ScaledToZero,
        { PlanOnly: true } => DeploymentIntent.PlanOnly,
        _ => DeploymentIntent.Run,
    };

    /// <summary>
    /// All that <see cref="Problem"/> would find one after the other, by field. Nothing hides behind something else: whoever mends one of two
    /// problems must not be told that the second is new.
    /// </summary>
    public static IReadOnlyList<FieldProblem> Problems(ModelDeployment deployment)
    {
        var problems = ModelDeploymentValidator.Check(deployment).ToList();
        var engine = ModelSource.Engine(deployment.Spec);
        foreach (var contradiction in PlannedFlags.Contradictions(engine, deployment.Spec.Engine.Args))
            Add(contradiction);
        foreach (var foreign in engine == EngineType.LlamaCpp ? ForeignFields(deployment.Spec) : [])
            Add($"{foreign}{BecauseOfGguf}");
        // A source that is wrong in itself cannot be looked at any further.
        if (!problems.Exists(problem => problem.Path.StartsWith("spec.model", StringComparison.Ordinal)) && SourceProblem(deployment.Spec.Model, engine) is { } source)
            problems.Add(new FieldProblem("spec.model", source));
        return problems;

        // One field is named once: two rules may know of one flag.
        void Add(string sentence)
        {
            var end = sentence.IndexOf(' ', StringComparison.Ordinal);
            var path = sentence[..end].TrimEnd(':');
            if (!problems.Exists(known => known.Path == path))
                problems.Add(new FieldProblem(path, sentence[(end + 1)..]));
        }
    }

    /// <summary>Why a source cannot be what the engine runs, as far as its names and its profile tell; null when they do not.</summary>
    private static string? SourceProblem(ModelSourceSpec model, EngineType engine)
    {
        try
        {
            if (ModelSource.IsVolume(model))
                _ = InspectedModel.Of(model, engine);
            else
                _ = ModelSource.Location(model, engine);
            return null;
        }
        catch (InspectionFailedException failure)
        {
            const string prefix = "spec.model: ";
            return failure.Message.StartsWith(prefix, StringComparison.Ordinal) ? failure.Message[prefix.Length..] : failure.Message;
        }
    }

    /// <summary>What only the user can mend; null when there is nothing.</summary>
    public static StalledProblem? Problem(ModelDeployment deployment)
    {
        if (ModelDeploymentValidator.Check(deployment) is [var invalid, ..])
            return new StalledProblem(ConditionReasons.InvalidSpec, invalid.ToString());
        var engine = ModelSource.Engine(deployment.Spec);
        if (PlannedFlags.Contradiction(engine, deployment.Spec.Engine.Args) is { } contradiction)
            return new StalledProblem(ConditionReasons.InvalidSpec, contradiction);
        return engine == EngineType.LlamaCpp && ForeignFields(deployment.Spec).FirstOrDefault() is { } foreign
            ? new StalledProblem(ConditionReasons.ConstraintsUnsatisfiable, $"{foreign}{BecauseOfGguf}")
            : null;
    }

    /// <summary>
    /// Fields that LlamaCpp would ignore. The API's own rules see them where the engine is named; with Auto only the model tells the engine.
    /// </summary>
    private static IEnumerable<string> ForeignFields(ModelDeploymentSpec spec)
    {
        if (spec.Engine.KvCacheType is ("auto" or "fp8" or "fp8_e4m3" or "fp8_e5m2") and var type)
            yield return $"spec.engine.kvCacheType: {type} is for VLLM and SGLang";
        if (spec.Engine.Parallelism is not null)
            yield return "spec.engine.parallelism is for VLLM and SGLang";
        if (spec.Engine.Distribution == DistributionType.Ray)
            yield return "spec.engine.distribution: Ray is for VLLM";
        if (spec.Engine.RayHead == RayHeadType.Dedicated)
            yield return "spec.engine.rayHead: Dedicated is for VLLM";
        if (spec is { Network.HostNetwork: true, Placement.Scope: PlacementScope.MultiNode })
            yield return "spec.network.hostNetwork is refused over several nodes, for llama.cpp's RPC has no authentication";
    }
}
