using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Hosting;

/// <summary>In which version a cluster serves ResourceSlices.</summary>
internal enum ResourceSliceVersion
{
    /// <summary>Not at all, or not to us.</summary>
    None,

    /// <summary><c>resource.k8s.io/v1</c>, from Kubernetes 1.34 on.</summary>
    V1,

    /// <summary><c>resource.k8s.io/v1beta1</c>, where an older cluster has it enabled.</summary>
    V1beta1,
}

/// <summary>Asks a cluster whether it has dynamic resource allocation. Clusters without it, or that do not let us look, are none the worse.</summary>
internal static class ResourceSliceApi
{
    /// <summary>Asks the cluster, newest version first.</summary>
    /// <exception cref="KubernetesException">The server failed, as opposed to having nothing to show.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public static async Task<ResourceSliceVersion> FindAsync(IKubernetesClient client, CancellationToken cancellationToken) =>
        await ServedKind.IsThereAsync<V1ResourceSlice>(client, null, cancellationToken) ? ResourceSliceVersion.V1
        : await ServedKind.IsThereAsync<V1beta1ResourceSlice>(client, null, cancellationToken) ? ResourceSliceVersion.V1beta1
        : ResourceSliceVersion.None;
}
