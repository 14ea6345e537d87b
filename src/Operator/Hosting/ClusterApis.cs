using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Hosting;

/// <summary>What a cluster has beyond what every cluster has. Looked at once, when the operator starts.</summary>
/// <param name="Slices">In which version it serves ResourceSlices.</param>
/// <param name="ServiceMonitors">Whether the Prometheus operator's ServiceMonitors are there, and ours to make.</param>
internal sealed record ClusterApis(ResourceSliceVersion Slices, bool ServiceMonitors)
{
    /// <summary>Looks; a server that does not answer yet is asked again until the patience ends, and then counts as having nothing more.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="namespaces">The only namespaces that are served; none for all.</param>
    /// <param name="patience">How long to ask.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ClusterApis> FindPatientlyAsync(
        IKubernetesClient client, IReadOnlyCollection<string> namespaces, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new ClusterApis(
                    await ResourceSliceApi.FindAsync(client, cancellationToken),
                    await AreMonitorsThereAsync(client, namespaces, cancellationToken));
            }
            catch (Exception exception) when (exception is KubernetesException or HttpRequestException or IOException or TimeoutException)
            {
                if (time.GetElapsedTime(started) >= patience)
                    return new ClusterApis(ResourceSliceVersion.None, ServiceMonitors: false);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }

    /// <summary>Whether they are there in every namespace: what is ours in one only would keep the operator waiting for the others.</summary>
    private static async Task<bool> AreMonitorsThereAsync(IKubernetesClient client, IReadOnlyCollection<string> namespaces, CancellationToken cancellationToken)
    {
        foreach (var name in namespaces.Count > 0 ? namespaces : (IEnumerable<string?>)[null])
        {
            if (!await ServedKind.IsThereAsync<V1ServiceMonitor>(client, name, cancellationToken))
                return false;
        }
        return true;
    }
}
