using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GpuStack.Operator.Supervision.Status;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>Asks the workers' supervisors for their status. The RPC port is not touched.</summary>
internal sealed class WorkerStatusClient(ImmutableArray<WorkerEndpoint> workers, int statusPort, TimeSpan timeout, TimeProvider time) : IDisposable
{
    private const int MaxAnswer = 64 * 1024;
    private const int MaxMessage = 300;

    private readonly HttpClient _http = BoundedHttp.Create(MaxAnswer);

    /// <summary>All at once, in their order; never fails but by the token.</summary>
    public async Task<ImmutableArray<WorkerAnswer>> AskAsync(CancellationToken cancellationToken) =>
        [.. await Task.WhenAll(workers.Select(worker => AskAsync(worker, cancellationToken)))];

    public void Dispose() => _http.Dispose();

    private async Task<WorkerAnswer> AskAsync(WorkerEndpoint worker, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await _http.GetAsync(new UriBuilder(Uri.UriSchemeHttp, worker.Host, statusPort, "/status").Uri, either.Token);
            if (response.StatusCode != HttpStatusCode.OK)
                return WorkerAnswer.None($"its supervisor answers {(int)response.StatusCode}");
            var status = await response.Content.ReadFromJsonAsync(StatusJsonContext.Default.StatusDocument, either.Token);
            return status is null ? WorkerAnswer.None("its supervisor answers nothing") : Read(status, worker.RpcPort);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return WorkerAnswer.None($"its supervisor does not answer within {timeout.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException exception)
        {
            return WorkerAnswer.None(exception.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "its name does not resolve yet",
                HttpRequestError.ConnectionError => "its supervisor does not listen",
                _ => "its supervisor cannot be asked",
            });
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or IOException)
        {
            return WorkerAnswer.None("its supervisor answers no status");
        }
    }

    private static WorkerAnswer Read(StatusDocument status, int rpcPort)
    {
        // JSON may say null where the type does not.
        var engine = status.Engine ?? new EngineDocument();
        var listening = !status.Listening.IsDefault && status.Listening.Contains(rpcPort);
        var message = new string([.. (status.Message ?? "").Where(c => !char.IsControl(c)).Take(MaxMessage)]);
        return new WorkerAnswer(null, engine.Running, StatusDocument.ParseTime(engine.StartTime), listening, message);
    }
}
