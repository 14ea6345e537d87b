using System.Net.Sockets;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>What an exception out of a reconciler means.</summary>
internal static class Failures
{
    /// <summary>
    /// Somebody was faster: the resourceVersion is stale, the cache will soon know. A server-side apply that met another
    /// manager's field is a Conflict too, but waiting does not solve it: that one must be seen.
    /// </summary>
    public static bool IsStale(Exception error) => error is KubernetesException { IsConflict: true } conflict
        && conflict.Status.Details?.Causes?.Exists(cause => cause.Reason == "FieldManagerConflict") != true;

    /// <summary>
    /// A mistake of the program, what Go would have panicked on. Requests that fail, time out or are refused are not, nor
    /// are an owner's claims.
    /// </summary>
    public static bool IsPanic(Exception error) => error is not (
        KubernetesException or HttpRequestException or IOException or SocketException or TimeoutException
        or OperationCanceledException or OwnershipException or TerminalException);
}
