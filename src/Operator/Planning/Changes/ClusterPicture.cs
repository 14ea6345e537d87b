using System.Collections.Immutable;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Planning.Changes;

/// <summary>A cluster at one moment with all deployments and their plans: what a starting operator finds there.</summary>
internal sealed class ClusterPicture
{
    private readonly ILookup<DeploymentKey?, V1ConfigMap> _configMaps;
    private readonly ILookup<DeploymentKey?, V1StatefulSet> _statefulSets;

    /// <param name="snapshot">Nodes, pods and storage.</param>
    /// <param name="deployments">The deployments.</param>
    /// <param name="configMaps">Those of the deployments, which keep the plans.</param>
    /// <param name="statefulSets">Those of the deployments.</param>
    public ClusterPicture(
        ClusterSnapshot snapshot, IReadOnlyList<ModelDeployment> deployments, IEnumerable<V1ConfigMap> configMaps, IEnumerable<V1StatefulSet> statefulSets)
    {
        Snapshot = snapshot;
        Deployments = deployments;
        _configMaps = configMaps.ToLookup(PlansInForce.Owner);
        _statefulSets = statefulSets.ToLookup(PlansInForce.Owner);
    }

    /// <summary>Nodes, pods and storage.</summary>
    public ClusterSnapshot Snapshot { get; }

    /// <summary>The deployments.</summary>
    public IReadOnlyList<ModelDeployment> Deployments { get; }

    /// <summary>Names a deployment.</summary>
    public static DeploymentKey KeyOf(ModelDeployment deployment) => new(deployment.Metadata.Namespace ?? "", deployment.Metadata.Name ?? "");

    /// <summary>The nodes and what pods hold of them, before any plan is taken over.</summary>
    /// <param name="products">The product table.</param>
    public FleetSource Fleet(ProductTable products)
    {
        var fleet = new FleetSource(products);
        var draGpus = DraGpus.ByNode(Snapshot.Slices.Select(slice => slice.Spec));
        foreach (var node in Snapshot.Nodes)
            fleet.SetNode(node, draGpus.TryGetValue(node.Metadata.Name ?? "", out var gpus) ? gpus : null);
        foreach (var pod in Snapshot.Pods)
            fleet.SetPod(pod);
        return fleet;
    }

    /// <summary>A deployment; null when there is none of that name.</summary>
    public ModelDeployment? Find(DeploymentKey key) => Deployments.FirstOrDefault(one => KeyOf(one) == key);

    /// <summary>A deployment's plans in force, by group.</summary>
    public ImmutableArray<PlannedGroup> PlansOf(ModelDeployment deployment)
    {
        var key = KeyOf(deployment);
        return [.. PlansInForce.Of(deployment.Metadata.Uid, _configMaps[key], _statefulSets[key])];
    }
}
