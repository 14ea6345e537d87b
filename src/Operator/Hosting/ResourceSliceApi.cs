using System.Net;
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
    private static readonly ListOptions One = new() { Limit = 1 };

    /// <summary>Asks the cluster, newest version first.</summary>
    /// <exception cref="KubernetesException">The server failed, as opposed to having nothing to show.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public static async Task<ResourceSliceVersion> FindAsync(IKubernetesClient client, CancellationToken cancellationToken) =>
        await IsServedAsync<V1ResourceSlice>(client, cancellationToken) ? ResourceSliceVersion.V1
        : await IsServedAsync<V1beta1ResourceSlice>(client, cancellationToken) ? ResourceSliceVersion.V1beta1
        : ResourceSliceVersion.None;

    /// <summary>As <see cref="FindAsync"/>; a server that does not answer yet is asked again until the patience ends, and then counts as having none.</summary>
    public static async Task<ResourceSliceVersion> FindPatientlyAsync(
        IKubernetesClient client, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await FindAsync(client, cancellationToken);
            }
            catch (Exception exception) when (exception is KubernetesException or HttpRequestException or IOException or TimeoutException)
            {
                if (time.GetElapsedTime(started) >= patience)
                    return ResourceSliceVersion.None;
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }

    private static async Task<bool> IsServedAsync<T>(IKubernetesClient client, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            await client.ListAsync<T>(options: One, cancellationToken: cancellationToken);
            return true;
        }
        catch (KubernetesException exception) when (exception.IsNotFound || exception.Code == HttpStatusCode.Forbidden)
        {
            return false;
        }
    }
}
