using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Access;

/// <summary>A client that is another one but for what a test changes.</summary>
internal abstract class ForwardingClient(IKubernetesClient inner) : IKubernetesClient
{
    public virtual Task<T?> GetAsync<T>(string name, string? namespaceName, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.GetAsync<T>(name, namespaceName, cancellationToken);

    public virtual Task<KubernetesList<T>> ListAsync<T>(string? namespaceName = null, ListOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.ListAsync<T>(namespaceName, options, cancellationToken);

    public virtual IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName = null, WatchOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.WatchAsync<T>(namespaceName, options, cancellationToken);

    public Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.CreateAsync(entity, cancellationToken);

    public Task<T> ReplaceAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.ReplaceAsync(entity, cancellationToken);

    public Task<T> ReplaceStatusAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.ReplaceStatusAsync(entity, cancellationToken);

    public Task<T> ApplyAsync<T>(T entity, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.ApplyAsync(entity, options, cancellationToken);

    public Task<T> ApplyStatusAsync<T>(T entity, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.ApplyStatusAsync(entity, options, cancellationToken);

    public Task<T> MergePatchAsync<T>(string name, string? namespaceName, JsonNode patch, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.MergePatchAsync<T>(name, namespaceName, patch, cancellationToken);

    public Task<bool> DeleteAsync<T>(string name, string? namespaceName, DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.DeleteAsync<T>(name, namespaceName, options, cancellationToken);
}
