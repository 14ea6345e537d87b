using GpuStack.Simulator.Listening;

namespace GpuStack.Simulator.Hub;

/// <summary>
/// A model hub over HTTP on the loopback interface that serves a folder's files under
/// <c>/{owner}/{repo}/resolve/{revision}/{file}</c> the way Hugging Face does.
/// </summary>
public sealed class ModelHubHost : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly HubRequests _requests;

    private ModelHubHost(LoopbackServer server, HubRequests requests)
    {
        _server = server;
        _requests = requests;
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => _server.Url;

    /// <summary>Bytes of files sent so far.</summary>
    public long BytesServed => _requests.BytesServed;

    /// <summary>Requests answered so far.</summary>
    public long RequestCount => _requests.Count;

    /// <summary>Reads the index and starts to listen.</summary>
    /// <exception cref="InvalidDataException">The folder's index is missing or wrong.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ModelHubHost> StartAsync(ModelHubOptions options, CancellationToken cancellationToken = default)
    {
        var requests = new HubRequests(HubIndex.Read(options.Directory), options);
        var server = await LoopbackServer.StartAsync(options.Port, certificate: null, limits => limits.MaxRequestBodySize = 0, requests.HandleAsync, cancellationToken);
        return new ModelHubHost(server, requests);
    }

    /// <summary>Stops listening.</summary>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
