using System.Net;
using GpuStack.Kubernetes.Client;

namespace GpuStack.Kubernetes.Informers;

/// <summary>What a failure before the end of the initial events means for streaming lists. Pure.</summary>
internal static class StreamingRefusal
{
    /// <summary>Whether the server will never do it, as far as its answer goes.</summary>
    /// <remarks>
    /// Without the feature gate a server finds the parameter invalid (422); older etcds lack what the server needs for it, which it says as
    /// an internal error; others do not know the parameter, the match or watches of that kind.
    /// </remarks>
    public static bool IsLasting(Exception error) => error switch
    {
        TimeoutException => true,
        KubernetesException refused => refused.Code is HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable
                or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity or HttpStatusCode.NotImplemented
            || Names(refused, "RequestWatchProgress") || Names(refused, "WatchList") || Names(refused, "sendInitialEvents"),
        _ => false,
    };

    /// <summary>Whether a list may do better now: any answer but that of a server that asks to wait, or that forgot the version.</summary>
    public static bool IsAnswer(Exception error) =>
        error is TimeoutException or KubernetesException { IsTooManyRequests: false, IsExpired: false, IsVersionTooLarge: false };

    private static bool Names(KubernetesException refused, string feature) =>
        refused.Status.Message?.Contains(feature, StringComparison.Ordinal) == true;
}
