using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Access;

/// <summary>A cluster as a client sees it whose watches do not begin with the objects there are, so that they must be listed: an older one.</summary>
internal sealed class WithoutStreamingLists(IKubernetesClient inner) : ForwardingClient(inner)
{
    public override IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName = null, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        options?.SendInitialEvents is not true ? base.WatchAsync<T>(namespaceName, options, cancellationToken) : throw new KubernetesException(new V1Status
        {
            Code = 422,
            Reason = "Invalid",
            Message = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
        });
}
