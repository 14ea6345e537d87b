using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.Validation;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Inspection;

namespace GpuStack.Operator.Admission;

/// <summary>Doubts that rest on what is known of the model. Pure.</summary>
internal static class FactDoubts
{
    /// <summary>A model of this size is not fetched anew for each pod without somebody waiting for it.</summary>
    private const long HugeModel = 100L << 30;

    public static IEnumerable<FieldProblem> Of(ModelDeploymentSpec spec, AdmissionFacts facts)
    {
        if (facts.ModelContext is { } trained && spec.Engine.ContextLength > trained)
        {
            var then = ModelSource.Engine(spec) == EngineType.VLLM ? "vLLM does not start with it unless it is told to" : "answers get worse beyond";
            yield return new FieldProblem("spec.engine.contextLength", $"{spec.Engine.ContextLength} is more than the {trained} tokens that the model was trained for; {then}");
        }
        if (facts.ModelBytes is not { } bytes)
            yield break;
        if (CacheSizes.TooSmall(spec.Cache, Quantity.FromBytes(bytes)) is { } small)
            yield return new FieldProblem($"spec.cache.{small.Path}", small.Message);
        else if (spec.Cache.Ephemeral is not null && bytes >= HugeModel && !ModelSource.IsVolume(spec.Model))
            yield return new FieldProblem("spec.cache.ephemeral", $"every pod fetches the model's {bytes >> 30} GiB anew; a claim or a folder of the node keeps them");
    }
}
