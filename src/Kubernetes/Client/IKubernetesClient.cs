using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// Typed access to an API server. <c>T</c> carries a <see cref="KubernetesEntityAttribute"/>; the namespace is null for
/// cluster-scoped resources, and for lists and watches over all namespaces.
/// </summary>
/// <remarks>
/// Every method throws <see cref="KubernetesException"/> when the server answers with a failure, and
/// <see cref="HttpRequestException"/> when it cannot be reached.
/// </remarks>
public interface IKubernetesClient
{
    /// <summary>Reads one object; null when it does not exist.</summary>
    Task<T?> GetAsync<T>(string name, string? namespaceName, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>Reads one page; all of them when no limit is set.</summary>
    Task<KubernetesList<T>> ListAsync<T>(string? namespaceName = null, ListOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>
    /// Changes as they happen, until the server's timeout ends the stream. An ERROR event is thrown as a
    /// <see cref="KubernetesException"/>; bookmarks are handed on.
    /// </summary>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName = null, WatchOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>Creates the object and returns it as the server stored it.</summary>
    Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>Replaces the object; with a resourceVersion only if nobody changed it meanwhile (Conflict otherwise).</summary>
    Task<T> ReplaceAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>Replaces the object's status alone.</summary>
    Task<T> ReplaceStatusAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>Server-side apply: the fields that are set become ours, those we no longer set are removed.</summary>
    Task<T> ApplyAsync<T>(T entity, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>Server-side apply of the status alone.</summary>
    Task<T> ApplyStatusAsync<T>(T entity, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>A JSON merge patch (RFC 7396): null removes a field, lists are replaced whole.</summary>
    Task<T> MergePatchAsync<T>(string name, string? namespaceName, JsonNode patch, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;

    /// <summary>Asks for deletion; false when the object did not exist.</summary>
    Task<bool> DeleteAsync<T>(string name, string? namespaceName, DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject;
}
