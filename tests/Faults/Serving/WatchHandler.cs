using System.Collections.Concurrent;
using System.Globalization;
using GpuStack.Faults.Plans;
using GpuStack.Faults.Storage;

namespace GpuStack.Faults.Serving;

/// <summary>Watches: from a version, from the present state, or as a streaming list.</summary>
internal sealed class WatchHandler : IDisposable
{
    private readonly VersionedStore _store;
    private readonly FaultServerOptions _options;
    private readonly FaultCounts _counts;
    private readonly ConcurrentDictionary<WatchSession, bool> _open = new();

    public WatchHandler(VersionedStore store, FaultServerOptions options, FaultCounts counts)
    {
        _store = store;
        _options = options;
        _counts = counts;
        store.Changed += WakeAll;
    }

    public int OpenCount => _open.Count;

    public void Dispose() => _store.Changed -= WakeAll;

    public void Inject(FaultKind kind)
    {
        foreach (var session in _open.Keys) session.Inject(kind);
    }

    public async Task HandleAsync(HttpConnection connection, HttpRequestHead request, ServedResource resource, Selector selector)
    {
        _counts.AddWatch();
        var streams = request["sendInitialEvents"] == "true";
        var asked = long.TryParse(request["resourceVersion"], CultureInfo.InvariantCulture, out var number) ? number : 0;
        var fault = _options.Plan.ForWatch();
        if (fault is not null && await FaultyAnswer.TryAnswerAsync(connection, fault.Kind, asked, _store.Version))
        {
            _counts.Add(fault.Kind);
            return;
        }

        if (streams && _options.Streaming == StreamingLists.Forbidden)
        {
            await connection.AnswerAsync(422, "application/json", StatusText.NoStreaming());
            return;
        }

        var fromVersion = asked > 0 && !streams;
        if (fromVersion && asked < _store.Oldest(resource) && _options.ExpiredAsStatus)
        {
            _counts.AddExpired();
            await connection.AnswerAsync(410, "application/json", StatusText.Expired(asked, _store.Oldest(resource)));
            return;
        }

        await connection.StartChunksAsync();
        var session = new WatchSession(connection, _store, resource, selector, _options, _counts);
        if (streams && _options.Streaming == StreamingLists.Unsupported) await session.ErrorAsync(StatusText.UnsupportedStreaming());
        else if (asked > _store.Version) await session.ErrorAsync(StatusText.TooLarge(asked, _store.Version));
        else if (fromVersion && asked < _store.Oldest(resource))
        {
            _counts.AddExpired();
            await session.ErrorAsync(StatusText.Expired(asked, _store.Oldest(resource)));
        }
        else await ServeAsync(session, request, resource, asked, fault, streams);
    }

    private async Task ServeAsync(WatchSession session, HttpRequestHead request, ServedResource resource, long asked, Fault? fault, bool streams)
    {
        TimeSpan? timeout = long.TryParse(request["timeoutSeconds"], CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
        _open[session] = true;
        try
        {
            if (fault is not null) session.Plan(fault);
            if (streams || asked == 0)
            {
                var (version, objects) = _store.Snapshot(resource, asked, request["resourceVersion"] is null ? 0 : _options.Lag);
                if (streams) _counts.AddStream();
                if (!await session.BeginAsync(version, objects.Values, endMark: streams)) return;
                asked = version;
            }

            await session.FollowAsync(asked, request["allowWatchBookmarks"] == "true", timeout);
        }
        finally
        {
            _open.TryRemove(session, out _);
        }
    }

    private void WakeAll()
    {
        foreach (var (session, _) in _open) session.Wake();
    }
}
