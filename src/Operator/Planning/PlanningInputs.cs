using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning.Volumes;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning;

/// <summary>Makes of a deployment the question to the desk: the one way for the operator and for those who ask beforehand. Pure.</summary>
internal static class PlanningInputs
{
    /// <summary>See <see cref="PlannedGroup.InputHash"/>.</summary>
    public static string Hash(ModelDeployment deployment, InspectedModel model) =>
        SpecHash.Of($"{SpecHash.PlanningInput(deployment.Spec)} {(model.Gguf is { } gguf ? SpecHash.Model(gguf) : SpecHash.Model(model.Folder!))}");

    /// <summary>The request for a model of either kind.</summary>
    public static PlacementRequest Request(ModelDeployment deployment, InspectedModel model, OperatorSettings settings) => model.Gguf is { } gguf
        ? PlacementRequestMapper.Map(deployment, gguf, settings)
        : PlacementRequestMapper.Map(deployment, ModelSource.Engine(deployment.Spec), model.Folder!, settings);

    /// <summary>The question, without what the groups' present state adds to it.</summary>
    /// <param name="deployment">The deployment, with the schema's defaults applied.</param>
    /// <param name="model">Its model.</param>
    /// <param name="storage">What is known of claims and volumes.</param>
    /// <param name="priority">The priority of its pods.</param>
    /// <param name="settings">The installation's settings.</param>
    public static PlanningInput Of(ModelDeployment deployment, InspectedModel model, IVolumeSource storage, int priority, OperatorSettings settings) => new()
    {
        Deployment = new DeploymentKey(deployment.Metadata.Namespace ?? "", deployment.Metadata.Name ?? ""),
        Request = Request(deployment, model, settings) with { Volumes = VolumeConstraints.Shared(deployment, storage) },
        GroupVolumes = Enumerable.Range(0, deployment.Spec.Replicas + UpdateTurns.MostFurther(deployment.Spec.UpdateStrategy, deployment.Spec.Replicas))
            .Select(index => (Index: index, Volumes: VolumeConstraints.OfGroup(deployment, index, storage)))
            .Where(group => !group.Volumes.IsEmpty)
            .ToImmutableDictionary(group => group.Index, group => group.Volumes),
        WorkerClaims = Enumerable.Range(0, deployment.Spec.Replicas + UpdateTurns.MostFurther(deployment.Spec.UpdateStrategy, deployment.Spec.Replicas))
            .Select(index => (Index: index, Claims: VolumeConstraints.OfWorkers(deployment, index, storage)))
            .Where(group => !group.Claims.IsEmpty)
            .ToImmutableDictionary(group => group.Index, group => group.Claims),
        InputHash = Hash(deployment, model),
        SourceKey = SpecHash.Source(deployment.Spec),
        DownloadUrl = model.DownloadUrl,
        Revision = model.Revision,
        Replicas = deployment.Spec.Replicas,
        Rank = new WaitingRank(priority, deployment.Metadata.CreationTimestamp ?? default, deployment.Metadata.Uid ?? ""),
    };
}
