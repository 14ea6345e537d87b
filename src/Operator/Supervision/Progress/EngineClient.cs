using System.Net;
using System.Text;

namespace GpuStack.Operator.Supervision.Progress;

/// <summary>Asks the engine over loopback for its health and its figures.</summary>
internal sealed class EngineClient(int port, EngineMetrics metrics, string? apiKey, TimeProvider time) : IDisposable
{
    private const int MaxAnswer = 1 << 20;

    private readonly HttpClient _http = BoundedHttp.Create(MaxAnswer);

    /// <summary>The status of <c>/health</c>; null when there is no answer in time.</summary>
    public async Task<HttpStatusCode?> HealthAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await GetAsync("/health", authorized: false, timeout, cancellationToken);
            return response.StatusCode;
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>The figures of <c>/metrics</c>.</summary>
    public async Task<EngineSample> SampleAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await GetAsync("/metrics", authorized: true, timeout, cancellationToken);
            // The body is in memory already.
            return response.StatusCode == HttpStatusCode.OK
                ? metrics.Read(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellationToken)))
                : EngineSample.Unreadable;
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellationToken))
        {
            return EngineSample.Unanswered;
        }
    }

    public void Dispose() => _http.Dispose();

    private static bool IsNoAnswer(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task<HttpResponseMessage> GetAsync(string path, bool authorized, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port, path).Uri);
        // Not parsed: a key may hold what a header's grammar does not allow.
        if (authorized && apiKey is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {apiKey}");
        return await _http.SendAsync(request, either.Token);
    }
}
