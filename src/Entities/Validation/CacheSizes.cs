using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Validation;

/// <summary>Whether a model fits into its cache.</summary>
public static class CacheSizes
{
    /// <summary>The size that a model does not fit into; null when it does, or no size is given.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="model">What is fetched.</param>
    /// <returns>The field below <c>spec.cache</c> and what is wrong with it.</returns>
    public static FieldProblem? TooSmall(CacheSpec cache, Quantity model)
    {
        var (path, size) = cache switch
        {
            { Ephemeral.SizeLimit: { } limit } => ("ephemeral.sizeLimit", limit),
            { PersistentVolumeClaim.Size: { } claim } => ("persistentVolumeClaim.size", claim),
            { HostPath.SizeLimit: { } limit } => ("hostPath.sizeLimit", limit),
            _ => ("", model),
        };
        return size < model ? new FieldProblem(path, $"{size} does not hold the model, which is {model.ToInt64() / (1L << 20)} MiB; raise it") : null;
    }
}
