using System.Net;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning.Changes;

namespace GpuStack.Operator.Commands;

/// <summary>Reads of a cluster what planning looks at.</summary>
internal static class ClusterReader
{
    private const int PageSize = 500;

    /// <summary>
    /// Nodes and pods of the whole cluster, claims of one namespace, volumes, storage classes and ResourceSlices. Who may not read storage is
    /// planned for without it.
    /// </summary>
    /// <exception cref="KubernetesException">The server refuses nodes or pods, or fails.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public static async Task<ClusterSnapshot> ReadAsync(IKubernetesClient client, string? claimsOf, CancellationToken cancellationToken)
    {
        var nodes = await ListAsync<V1Node>(client, null, cancellationToken);
        var pods = await ListAsync<V1Pod>(client, null, cancellationToken);
        var claims = await ListAllowedAsync<V1PersistentVolumeClaim>(client, claimsOf, cancellationToken);
        return new ClusterSnapshot(nodes, pods, PodsGiven: true)
        {
            Slices = await SlicesAsync(client, cancellationToken),
            Claims = claims ?? [],
            ClaimsGiven = claims is not null,
            Volumes = await ListAllowedAsync<V1PersistentVolume>(client, null, cancellationToken) ?? [],
            StorageClasses = await ListAllowedAsync<V1StorageClass>(client, null, cancellationToken) ?? [],
        };
    }

    /// <summary>As <see cref="ReadAsync"/>, with the deployments and their plans: of all namespaces, or of one for those who may not read all.</summary>
    /// <exception cref="KubernetesException">The server refuses nodes or pods, or fails.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public static async Task<ClusterPicture> ReadPictureAsync(IKubernetesClient client, string? namespaceName, CancellationToken cancellationToken) => new(
        await ReadAsync(client, namespaceName, cancellationToken),
        await ListWidestAsync<ModelDeployment>(client, namespaceName, null, cancellationToken),
        await ListWidestAsync<V1ConfigMap>(client, namespaceName, GroupLabels.Deployment, cancellationToken),
        await ListWidestAsync<V1StatefulSet>(client, namespaceName, GroupLabels.Deployment, cancellationToken));

    /// <summary>All objects of a kind, page by page.</summary>
    public static async Task<List<T>> ListAsync<T>(
        IKubernetesClient client, string? namespaceName, CancellationToken cancellationToken, string? labelSelector = null)
        where T : class, IKubernetesObject
    {
        var all = new List<T>();
        string? next = null;
        do
        {
            var page = await client.ListAsync<T>(
                namespaceName, new ListOptions { Limit = PageSize, Continue = next, LabelSelector = labelSelector }, cancellationToken);
            all.AddRange(page.Items);
            next = page.Metadata.Continue;
        }
        while (!string.IsNullOrEmpty(next));
        return all;
    }

    private static async Task<List<T>> ListWidestAsync<T>(
        IKubernetesClient client, string? namespaceName, string? labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject =>
        await ListAllowedAsync<T>(client, null, cancellationToken, labelSelector)
        ?? await ListAllowedAsync<T>(client, namespaceName, cancellationToken, labelSelector)
        ?? [];

    /// <summary>Null where the server serves no such kind, or does not let us look.</summary>
    private static async Task<List<T>?> ListAllowedAsync<T>(
        IKubernetesClient client, string? namespaceName, CancellationToken cancellationToken, string? labelSelector = null)
        where T : class, IKubernetesObject
    {
        try
        {
            return await ListAsync<T>(client, namespaceName, cancellationToken, labelSelector);
        }
        catch (KubernetesException exception) when (exception.IsNotFound || exception.Code == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<V1ResourceSlice>> SlicesAsync(IKubernetesClient client, CancellationToken cancellationToken) =>
        await ResourceSliceApi.FindAsync(client, cancellationToken) switch
        {
            ResourceSliceVersion.V1 => await ListAsync<V1ResourceSlice>(client, null, cancellationToken),
            ResourceSliceVersion.V1beta1 => (await ListAsync<V1beta1ResourceSlice>(client, null, cancellationToken))
                .ConvertAll(slice => new V1ResourceSlice { Metadata = slice.Metadata, Spec = slice.Spec }),
            _ => [],
        };
}
