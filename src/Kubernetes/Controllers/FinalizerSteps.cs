using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>
/// Attaches finalizers, and runs and removes them one by one. Every write carries the resourceVersion it was decided on,
/// so that another's finalizer is never lost.
/// </summary>
internal sealed class FinalizerSteps<T>(IKubernetesClient client, IReadOnlyList<IEntityFinalizer<T>> finalizers)
    where T : class, IKubernetesObject
{
    public async Task<T> AttachAsync(T entity, CancellationToken cancellationToken)
    {
        var present = entity.Metadata.Finalizers ?? [];
        var missing = finalizers.Select(f => f.Identifier).Except(present).ToList();
        if (missing.Count == 0) return entity;
        return await WriteAsync(entity, [.. present, .. missing], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Null when none of the finalizers is ours: the object waits for somebody else.</summary>
    public async Task<ReconciliationResult<T>?> RunAsync(T entity, CancellationToken cancellationToken)
    {
        ReconciliationResult<T>? result = null;
        foreach (var finalizer in finalizers)
        {
            if (entity.Metadata.Finalizers?.Contains(finalizer.Identifier) != true) continue;
            result = await finalizer.FinalizeAsync(entity, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess || result.RequeueAfter is not null) return result;
            try
            {
                entity = await WriteAsync(entity, entity.Metadata.Finalizers.Where(f => f != finalizer.Identifier), cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException e) when (e.IsNotFound)
            {
                return result;
            }
        }

        return result;
    }

    private Task<T> WriteAsync(T entity, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var list = new JsonArray();
        foreach (var name in names) list.Add((JsonNode)name);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = entity.Metadata.ResourceVersion,
                ["finalizers"] = list,
            },
        };
        return client.MergePatchAsync<T>(entity.Metadata.Name!, entity.Metadata.Namespace, patch, cancellationToken);
    }
}
