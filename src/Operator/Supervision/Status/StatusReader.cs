using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>Asks other pods' supervisors for their status. Their engines are not touched.</summary>
internal sealed class StatusReader(TimeSpan timeout, TimeProvider time) : IDisposable
{
    private const int MaxAnswer = 64 * 1024;

    private readonly HttpClient _http = BoundedHttp.Create(MaxAnswer);

    /// <summary>Never fails but by the token.</summary>
    public Task<StatusAnswer> AskAsync(string host, int port, CancellationToken cancellationToken) =>
        AskAsync(new UriBuilder(Uri.UriSchemeHttp, host, port, "/status").Uri, cancellationToken);

    /// <summary>Never fails but by the token.</summary>
    public async Task<StatusAnswer> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await _http.GetAsync(address, either.Token);
            if (response.StatusCode != HttpStatusCode.OK)
                return None($"its supervisor answers {(int)response.StatusCode}");
            var status = await response.Content.ReadFromJsonAsync(StatusJsonContext.Default.StatusDocument, either.Token);
            return status is null ? None("its supervisor answers nothing") : new StatusAnswer(null, status);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return None($"its supervisor does not answer within {timeout.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException exception)
        {
            return None(exception.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "its name does not resolve yet",
                HttpRequestError.ConnectionError => "its supervisor does not listen",
                _ => "its supervisor cannot be asked",
            });
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or IOException)
        {
            return None("its supervisor answers no status");
        }
    }

    public void Dispose() => _http.Dispose();

    private static StatusAnswer None(string failure) => new(failure, null);
}
