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
    /// <summary>The object with all finalizers on it; null when it vanished meanwhile.</summary>
    public async Task<T?> AttachAsync(T entity, CancellationToken cancellationToken)
    {
        var present = entity.Metadata.Finalizers ?? [];
        var missing = finalizers.Select(f => f.Identifier).Except(present, StringComparer.Ordinal).ToList();
        return missing.Count == 0 ? entity : await WriteAsync(entity, [.. present, .. missing], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// In the order in which they were added. One that fails, or that asks to come back, stays on the object, and those
    /// after it wait. Null when none of the finalizers is ours: the object waits for somebody else.
    /// </summary>
    public async Task<ReconciliationResult<T>?> RunAsync(T entity, CancellationToken cancellationToken)
    {
        ReconciliationResult<T>? result = null;
        foreach (var finalizer in finalizers)
        {
            if (entity.Metadata.Finalizers?.Contains(finalizer.Identifier, StringComparer.Ordinal) != true) continue;
            result = await finalizer.FinalizeAsync(entity, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess || result.RequeueAfter is not null) return result;
            var left = entity.Metadata.Finalizers.Where(f => f != finalizer.Identifier);
            if (await WriteAsync(entity, left, cancellationToken).ConfigureAwait(false) is not { } written) return result;
            entity = written;
        }

        return result;
    }

    private async Task<T?> WriteAsync(T entity, IEnumerable<string> names, CancellationToken cancellationToken)
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
        try
        {
            return await client.MergePatchAsync<T>(entity.Metadata.Name!, entity.Metadata.Namespace, patch, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
