using GpuStack.EndToEnd.Access;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>A cluster as a client sees it that serves no ResourceSlices: an older one, or one without dynamic resource allocation.</summary>
internal sealed class WithoutDra(IKubernetesClient inner) : ForwardingClient(inner)
{
    public override Task<KubernetesList<T>> ListAsync<T>(string? namespaceName = null, ListOptions? options = null, CancellationToken cancellationToken = default) =>
        IsServed<T>() ? base.ListAsync<T>(namespaceName, options, cancellationToken) : throw NotFound();

    public override IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName = null, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        IsServed<T>() ? base.WatchAsync<T>(namespaceName, options, cancellationToken) : throw NotFound();

    private static bool IsServed<T>() => typeof(T) != typeof(V1ResourceSlice) && typeof(T) != typeof(V1beta1ResourceSlice);

    private static KubernetesException NotFound() =>
        new(new V1Status { Code = 404, Reason = "NotFound", Message = "the server could not find the requested resource" });
}
