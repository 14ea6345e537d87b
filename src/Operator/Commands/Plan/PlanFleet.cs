using GpuStack.Entities;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Commands.Plan;

/// <summary>The fleet that <c>plan</c> plans on.</summary>
internal static class PlanFleet
{
    private const int PageSize = 500;

    /// <summary>The nodes, and pods if it has any, of a fleet file or a kubectl list, without the deployment's own pods.</summary>
    public static Fleet OfFile(string text, string file, ModelDeployment deployment, TextWriter warnings)
    {
        var snapshot = ClusterSnapshot.Read(text, file);
        if (!snapshot.PodsGiven)
            warnings.WriteLine($"{file}: lists no pods, so every GPU counts as free; add pods with 'kubectl get nodes,pods -A -o yaml'.");
        var own = Own(deployment, "default");
        return Build(snapshot.Nodes, snapshot.Slices, snapshot.Pods.Select(FleetFacts.From).Where(pod => pod?.Deployment != own));
    }

    /// <summary>The current cluster's nodes and pods, without the deployment's own pods: their places are what is planned.</summary>
    /// <exception cref="InputException">There is no usable kubeconfig.</exception>
    /// <exception cref="WorkFailedException">The server cannot be reached, or refuses.</exception>
    public static Task<Fleet> OfCurrentClusterAsync(ModelDeployment deployment, CancellationToken cancellationToken)
    {
        try
        {
            return OfClusterAsync(KubernetesClientConfiguration.Load(), deployment, cancellationToken);
        }
        catch (KubeconfigException exception)
        {
            throw new InputException($"{exception.Message} Or give the nodes with --nodes FILE.", exception);
        }
    }

    /// <summary>The fleet of a cluster; see <see cref="OfCurrentClusterAsync"/>.</summary>
    public static async Task<Fleet> OfClusterAsync(
        KubernetesClientConfiguration configuration, ModelDeployment deployment, CancellationToken cancellationToken)
    {
        var own = Own(deployment, configuration.Namespace);
        try
        {
            using var client = new KubernetesClient(configuration, new KubernetesJson(EntitiesJsonContext.Default));
            var nodes = await ListAllAsync<V1Node>(client, cancellationToken);
            var pods = await ListAllAsync<V1Pod>(client, cancellationToken);
            var slices = await SlicesAsync(client, cancellationToken);
            return Build(nodes, slices, pods.Select(FleetFacts.From).Where(pod => pod?.Deployment != own));
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or TimeoutException)
        {
            throw new WorkFailedException($"{configuration.Server}: the cluster's nodes and pods cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>What the deployment's pods are marked with.</summary>
    private static string Own(ModelDeployment deployment, string defaultNamespace) =>
        $"{deployment.Metadata.Namespace ?? defaultNamespace}/{deployment.Metadata.Name}";

    private static Fleet Build(IEnumerable<V1Node> nodes, IEnumerable<V1ResourceSlice> slices, IEnumerable<PodFacts?> pods) =>
        FleetBuilder.Build(FleetFacts.Nodes(nodes, slices), pods.OfType<PodFacts>(), ProductTable.Default);

    /// <summary>What nodes offer by dynamic resource allocation; nothing where the cluster has none of it.</summary>
    private static async Task<IEnumerable<V1ResourceSlice>> SlicesAsync(KubernetesClient client, CancellationToken cancellationToken) =>
        await ResourceSliceApi.FindAsync(client, cancellationToken) switch
        {
            ResourceSliceVersion.V1 => await ListAllAsync<V1ResourceSlice>(client, cancellationToken),
            ResourceSliceVersion.V1beta1 => (await ListAllAsync<V1beta1ResourceSlice>(client, cancellationToken))
                .Select(slice => new V1ResourceSlice { Metadata = slice.Metadata, Spec = slice.Spec }),
            _ => [],
        };

    private static async Task<List<T>> ListAllAsync<T>(KubernetesClient client, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var all = new List<T>();
        string? next = null;
        do
        {
            var page = await client.ListAsync<T>(options: new ListOptions { Limit = PageSize, Continue = next }, cancellationToken: cancellationToken);
            all.AddRange(page.Items);
            next = page.Metadata.Continue;
        }
        while (!string.IsNullOrEmpty(next));
        return all;
    }
}
