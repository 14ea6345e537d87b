using System.Net;
using System.Net.Sockets;
using System.Text;
using GpuStack.Faults.Plans;
using GpuStack.Faults.Storage;

namespace GpuStack.Faults.Serving;

/// <summary>
/// An API server for config maps and pods that fails as its plan says, and otherwise answers as a real one does. Its store is the truth that
/// a client must end up with. HTTP/1.1 without TLS.
/// </summary>
public sealed class FaultServer : IAsyncDisposable
{
    private readonly FaultServerOptions _options;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ListHandler _lists;
    private readonly WatchHandler _watches;
    private readonly Task _accepting;

    private FaultServer(VersionedStore store, FaultServerOptions options)
    {
        Store = store;
        _options = options;
        _lists = new ListHandler(store, options, Counts);
        _watches = new WatchHandler(store, options, Counts);
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    /// <summary>The truth.</summary>
    public VersionedStore Store { get; }

    /// <summary>What was done so far.</summary>
    public FaultCounts Counts { get; } = new();

    /// <summary>Where it listens.</summary>
    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    /// <summary>How many watches are open.</summary>
    public int OpenWatches => _watches.OpenCount;

    /// <summary>Starts a server on a free port of the loopback interface.</summary>
    public static FaultServer Start(VersionedStore store, FaultServerOptions options) => new(store, options);

    /// <summary>Has a fault of open watches befall all of them now.</summary>
    public void Inject(FaultKind kind) => _watches.Inject(kind);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _watches.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(socket);
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = new HttpConnection(socket, _stop.Token);
        try
        {
            while (connection.IsUsable && await connection.ReadRequestAsync() is { } request) await HandleAsync(connection, request);
        }
        catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone, or the server stops.
        }
    }

    private async Task HandleAsync(HttpConnection connection, HttpRequestHead request)
    {
        var parts = request.Path.Trim('/').Split('/');
        if (parts[0] == "control" && _options.Control is { } control)
        {
            await connection.AnswerAsync(200, "application/json", Encoding.UTF8.GetBytes(control(request)));
            return;
        }

        // api/v1[/namespaces/NAMESPACE]/PLURAL[/NAME]
        var namespaced = parts.Length > 4 && parts[2] == "namespaces";
        var at = namespaced ? 4 : 2;
        var resource = parts.Length > at ? ServedResource.All.FirstOrDefault(known => known.Plural == parts[at]) : null;
        if (resource is null || request.Method != "GET")
        {
            await connection.AnswerAsync(404, "text/plain", "404 page not found\n"u8.ToArray());
            return;
        }

        var namespaceName = namespaced ? parts[3] : null;
        if (parts.Length > at + 1)
        {
            var found = Store.Get(resource, namespaceName ?? "", parts[at + 1]);
            await connection.AnswerAsync(found is null ? 404 : 200, "application/json", found?.Json ?? StatusText.NotFound(resource.Plural, parts[at + 1]));
            return;
        }

        var selector = new Selector(namespaceName, request["labelSelector"], request["fieldSelector"]);
        if (request["watch"] is "true" or "1") await _watches.HandleAsync(connection, request, resource, selector);
        else await _lists.HandleAsync(connection, request, resource, selector);
    }
}
