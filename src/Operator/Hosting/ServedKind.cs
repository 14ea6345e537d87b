using System.Net;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Hosting;

/// <summary>Asks a cluster whether it serves a kind to us.</summary>
internal static class ServedKind
{
    private static readonly ListOptions One = new() { Limit = 1 };

    /// <param name="client">The cluster.</param>
    /// <param name="namespaceName">Where it is looked for; null for everywhere.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="KubernetesException">The server failed, as opposed to having nothing to show.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public static async Task<bool> IsThereAsync<T>(IKubernetesClient client, string? namespaceName, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            await client.ListAsync<T>(namespaceName, One, cancellationToken);
            return true;
        }
        catch (KubernetesException exception) when (exception.IsNotFound || exception.Code == HttpStatusCode.Forbidden)
        {
            return false;
        }
    }
}
