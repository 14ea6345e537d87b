using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>A cluster as a client sees it that serves no ResourceSlices: an older one, or one without dynamic resource allocation.</summary>
internal sealed class WithoutDra(IKubernetesClient inner) : IKubernetesClient
{
    public Task<T?> GetAsync<T>(string name, string? namespaceName, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => inner.GetAsync<T>(name, namespaceName, cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(string? namespaceName = null, ListOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => IsServed<T>() ? inner.ListAsync<T>(namespaceName, options, cancellationToken) : throw NotFound();

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName = null, WatchOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => IsServed<T>() ? inner.WatchAsync<T>(namespaceName, options, cancellationToken) : throw NotFound();

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

    private static bool IsServed<T>() => typeof(T) != typeof(V1ResourceSlice) && typeof(T) != typeof(V1beta1ResourceSlice);

    private static KubernetesException NotFound() =>
        new(new V1Status { Code = 404, Reason = "NotFound", Message = "the server could not find the requested resource" });
}
