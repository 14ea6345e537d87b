using GpuStack.Entities;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Planning.Changes;
using GpuStack.Operator.Planning.Volumes;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Commands.Plan;

/// <summary>What <c>plan</c> plans on: the fleet without the deployment's own pods, for their places are what is planned, and the storage.</summary>
/// <param name="Fleet">The fleet.</param>
/// <param name="Storage">Claims and volumes.</param>
internal sealed record PlanFleet(Fleet Fleet, IVolumeSource Storage)
{
    /// <summary>The cluster with all deployments and their plans; null for files, which tell nothing of them.</summary>
    public ClusterPicture? Picture { get; init; }

    /// <summary>What makes the plan better than it can be in truth, in one sentence; null when nothing does.</summary>
    public string? Warning { get; init; }

    /// <summary>The nodes, and what else is there, of a fleet file or a kubectl list.</summary>
    public static PlanFleet OfFile(string text, string file, ModelDeployment deployment, ProductTable products)
    {
        var snapshot = ClusterSnapshot.Read(text, file);
        deployment.Metadata.Namespace ??= "default";
        return Of(snapshot, deployment, products) with
        {
            Warning = snapshot.PodsGiven ? null : $"{file}: lists no pods, so every GPU counts as free; add pods with 'kubectl get nodes,pods -A -o yaml'.",
        };
    }

    /// <summary>The cluster of a configuration. A deployment without a namespace stands in the configuration's.</summary>
    /// <exception cref="WorkFailedException">The server cannot be reached, or refuses.</exception>
    public static async Task<PlanFleet> OfClusterAsync(
        KubernetesClientConfiguration configuration, ModelDeployment deployment, ProductTable products, CancellationToken cancellationToken)
    {
        deployment.Metadata.Namespace ??= configuration.Namespace;
        try
        {
            using var client = new KubernetesClient(configuration, new KubernetesJson(EntitiesJsonContext.Default));
            var picture = await ClusterReader.ReadPictureAsync(client, deployment.Metadata.Namespace, cancellationToken);
            return Of(picture, deployment, products);
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or TimeoutException)
        {
            throw new WorkFailedException($"{configuration.Server}: the cluster's nodes and pods cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>A cluster, without the deployment's own pods, and without what other deployments' plans hold whose pods are not there yet.</summary>
    public static PlanFleet Of(ClusterPicture picture, ModelDeployment deployment, ProductTable products)
    {
        var fleet = picture.Fleet(products);
        var own = ClusterPicture.KeyOf(deployment);
        foreach (var other in picture.Deployments.Where(one => ClusterPicture.KeyOf(one) != own))
        {
            foreach (var plan in picture.PlansOf(other))
                fleet.Follow(new GroupKey(ClusterPicture.KeyOf(other), plan.Index), plan);
        }
        var groups = picture.Snapshot.Pods.Select(FleetSource.Owner).OfType<GroupKey>().Where(group => group.Deployment == own).Distinct();
        return new PlanFleet(fleet.Without(groups), new SnapshotVolumes(picture.Snapshot)) { Picture = picture };
    }

    /// <summary>A snapshot, without the deployment's own pods.</summary>
    public static PlanFleet Of(ClusterSnapshot snapshot, ModelDeployment deployment, ProductTable products)
    {
        var own = $"{deployment.Metadata.Namespace}/{deployment.Metadata.Name}";
        var others = snapshot.Pods.Select(FleetFacts.From).OfType<PodFacts>().Where(pod => pod.Deployment != own);
        return new PlanFleet(FleetBuilder.Build(FleetFacts.Nodes(snapshot.Nodes, snapshot.Slices), others, products), new SnapshotVolumes(snapshot));
    }

    /// <summary>The model as a plan in force knows it, which is how the operator finds it too; null when no plan is for the spec's source.</summary>
    public InspectedModel? KnownModel(ModelDeployment deployment) =>
        Picture is { } picture && picture.Find(ClusterPicture.KeyOf(deployment)) is { } present
            ? ModelInspection.Known(picture.PlansOf(present), SpecHash.Source(deployment.Spec), ModelSource.Engine(deployment.Spec))
            : null;

    /// <summary>A request with what the deployment's claims mean here.</summary>
    public PlacementRequest WithVolumes(PlacementRequest request, ModelDeployment deployment) =>
        request with { Volumes = VolumeConstraints.Shared(deployment, Storage) };
}
