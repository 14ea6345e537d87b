using System.Net;

namespace GpuStack.Operator.Supervision;

/// <summary>The client for engine and other pods: no proxy, no redirects, no cookies, bounded answers. Time limits are the callers'.</summary>
internal static class BoundedHttp
{
    public static HttpClient Create(int maxBytes) => new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            // A pod's name may be another address after its pod was replaced.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = maxBytes,
    };
}
