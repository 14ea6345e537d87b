using System.Net;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>What an answer says about trying again.</summary>
internal static class RetryAfter
{
    /// <summary>How long to wait before the same request is sent again; null: the answer is final.</summary>
    public static TimeSpan? OfRetryable(HttpResponseMessage response, TimeProvider time) =>
        response.StatusCode == HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500 ? Of(response, time) : null;

    /// <summary>The header, in seconds or as a date; null when there is none.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time)
    {
        if (response.Headers.RetryAfter is not { } header) return null;
        var wait = header.Delta ?? header.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
