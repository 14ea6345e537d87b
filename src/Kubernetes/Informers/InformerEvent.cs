using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>One change of the cache. The objects are shared: they must not be changed.</summary>
/// <param name="Type">How it changed.</param>
/// <param name="Object">The new state; the last known one for a deletion.</param>
/// <param name="Previous">The state before an update; null otherwise.</param>
/// <param name="IsInitial">True for what the first list brought, or the replay to a late handler.</param>
/// <param name="IsResync">True when nothing changed: the object is handed out again as time goes by, as its own previous state.</param>
/// <param name="IsStale">
/// True for a deletion that was missed, and found out by a later list or by a new object of that name (another uid, whose addition follows):
/// the object is the last state that was seen.
/// </param>
public sealed record InformerEvent<T>(
    InformerEventType Type, T Object, T? Previous = null, bool IsInitial = false, bool IsResync = false, bool IsStale = false)
    where T : class, IKubernetesObject;
