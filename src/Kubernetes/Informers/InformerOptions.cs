using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>What an informer watches and keeps.</summary>
public sealed record InformerOptions<T>
    where T : class, IKubernetesObject
{
    /// <summary>
    /// The namespaces that are followed, each by lists and watches of its own, so that rights in them are enough; none for all, as one.
    /// One that does not exist is empty.
    /// </summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Such as <c>app.kubernetes.io/managed-by=gpustack-operator</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Such as <c>metadata.name=a</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Which fields are kept; the others never take memory. Everything when null, but for managedFields.</summary>
    public JsonProjection? Projection { get; init; }

    /// <summary>Takes out of a fresh object what nobody reads and the projection cannot tell, before it is cached.</summary>
    public Action<T>? Trim { get; init; }

    /// <summary>Whether the first objects come by the watch itself, where the server can; otherwise, and when off, by a list.</summary>
    public bool StreamingList { get; init; } = true;

    /// <summary>A watch in which nothing arrives for so long is taken for dead, and taken up anew where it stood.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How often every cached object is handed out again (<see cref="InformerEvent{T}.IsResync"/>); never when null.</summary>
    public TimeSpan? ResyncPeriod { get; init; }
}
