using System.Buffers;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using GpuStack.Faults.Plans;
using GpuStack.Faults.Storage;

namespace GpuStack.Faults.Serving;

/// <summary>One open watch: sends the changes after its version, and does its faults.</summary>
internal sealed class WatchSession(
    HttpConnection connection, VersionedStore store, ServedResource resource, Selector selector, FaultServerOptions options, FaultCounts counts)
{
    private const int BatchSize = 200;
    private const int DrippedEvents = 3;

    private readonly ArrayBufferWriter<byte> _buffer = new(16 * 1024);
    private readonly List<StoreEvent> _changes = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _version;
    private int _sent;
    private int _dripped;
    private Fault? _fault;
    private bool _bookmarkDue;
    private bool _isOver;

    /// <summary>There may be something to do.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Has a fault happen now.</summary>
    public void Inject(FaultKind kind)
    {
        Volatile.Write(ref _fault, new Fault(kind));
        Wake();
    }

    /// <summary>Has a fault happen after its number of events.</summary>
    public void Plan(Fault fault) => Volatile.Write(ref _fault, fault);

    /// <summary>Sends the objects of a state, and the bookmark that ends them when one is asked for.</summary>
    public async Task<bool> BeginAsync(long version, IEnumerable<StoredObject> objects, bool endMark)
    {
        foreach (var item in objects.Where(selector.Matches))
        {
            Write("ADDED", item.Json.Span);
            if (!await CountAsync()) return false;
        }

        _version = version;
        if (endMark) WriteBookmark(""","annotations":{"k8s.io/initial-events-end":"true"}""");
        await FlushAsync();
        return true;
    }

    /// <summary>Follows the store from a version until the timeout, a fault or the client ends it.</summary>
    public async Task FollowAsync(long version, bool bookmarks, TimeSpan? timeout)
    {
        _version = version;
        using var bookmark = bookmarks ? options.Time.CreateTimer(_ => OnBookmark(), null, options.BookmarkInterval, options.BookmarkInterval) : null;
        using var end = timeout is { } limit ? options.Time.CreateTimer(_ => OnTimeout(), null, limit, Timeout.InfiniteTimeSpan) : null;
        while (true)
        {
            if (!await DoFaultAsync()) return;
            if (await SendChangesAsync() is not { } progressed) return;
            if (progressed) continue;
            if (Volatile.Read(ref _isOver))
            {
                await connection.EndChunksAsync();
                return;
            }

            if (Volatile.Read(ref _bookmarkDue))
            {
                Volatile.Write(ref _bookmarkDue, false);
                WriteBookmark("");
                await FlushAsync();
            }

            await _wake.Reader.ReadAsync(connection.Gone);
        }
    }

    public async Task ErrorAsync(byte[] status)
    {
        Write("ERROR", status);
        await FlushAsync();
        await connection.EndChunksAsync();
    }

    private void OnBookmark()
    {
        Volatile.Write(ref _bookmarkDue, true);
        Wake();
    }

    private void OnTimeout()
    {
        Volatile.Write(ref _isOver, true);
        Wake();
    }

    /// <summary>True when there may be more, false when there is nothing now, null when the watch is at its end.</summary>
    private async Task<bool?> SendChangesAsync()
    {
        _changes.Clear();
        if (store.Read(resource, _version, BatchSize, _changes) is not { } upTo)
        {
            // Too slow for the window: servers end such a watch, and its version is expired when it comes back.
            await connection.EndChunksAsync();
            return null;
        }

        foreach (var change in _changes)
        {
            if (selector.TypeOf(change) is not { } type) continue;
            // What leaves the selection is shown as it was before, with the version of the change.
            var seen = type == "DELETED" && !change.IsDeletion ? StoredObject.Copy(resource, change.Previous!, change.Version) : change.Object;
            Write(type, seen.Json.Span);
            _version = change.Version;
            if (!await CountAsync()) return null;
        }

        _version = upTo;
        await FlushAsync();
        return _changes.Count == BatchSize;
    }

    private async Task<bool> CountAsync()
    {
        _sent++;
        counts.AddEvents(1);
        if (_dripped > 0 || (Volatile.Read(ref _fault) is { } fault && _sent >= fault.AfterEvents)) await FlushAsync();
        return await DoFaultAsync();
    }

    private async Task FlushAsync()
    {
        if (_buffer.WrittenCount == 0) return;
        if (_dripped > 0)
        {
            _dripped--;
            await FaultyAnswer.DripAsync(connection, _buffer.WrittenMemory, options.Time);
        }
        else await connection.SendChunkAsync(_buffer.WrittenMemory);
        _buffer.ResetWrittenCount();
    }

    /// <summary>False when the watch is at its end.</summary>
    private async Task<bool> DoFaultAsync()
    {
        if (Volatile.Read(ref _fault) is not { } fault || _sent < fault.AfterEvents) return true;
        Volatile.Write(ref _fault, null);
        counts.Add(fault.Kind);
        await FlushAsync();
        switch (fault.Kind)
        {
            case FaultKind.SlowDrip:
                _dripped = DrippedEvents;
                return true;
            case FaultKind.GarbageJson:
                await connection.SendChunkAsync(FaultyAnswer.Garbage(NextLine()));
                return true;
            case FaultKind.ErrorExpired:
                await ErrorAsync(StatusText.Expired(_version, _version));
                return false;
            case FaultKind.ErrorInternal:
                await ErrorAsync(StatusText.Internal());
                return false;
            case FaultKind.ErrorVersionTooLarge:
                await ErrorAsync(StatusText.TooLarge(_version, _version));
                return false;
            case FaultKind.TruncatedLine:
                await connection.SendChunkAsync(Half(NextLine()));
                await connection.EndChunksAsync();
                return false;
            case FaultKind.CutChunk:
                await connection.CutChunkAsync(NextLine().Length, Half(NextLine()));
                return false;
            case FaultKind.ChunkHeaderOnly:
                await connection.CutChunkAsync(NextLine().Length, ReadOnlyMemory<byte>.Empty);
                return false;
            case FaultKind.Reset:
                connection.Reset();
                return false;
            case FaultKind.Stall:
                await connection.StallAsync();
                return false;
            case FaultKind.HugeLine:
                await HugeLineAsync();
                return false;
            default:
                await connection.EndChunksAsync();
                return false;
        }
    }

    private async Task HugeLineAsync()
    {
        await connection.SendChunkAsync("""{"type":"MODIFIED","object":{"kind":"X","apiVersion":"v1","metadata":{"name":"x","annotations":{"x":" """u8.ToArray());
        var piece = new byte[64 * 1024];
        piece.AsSpan().Fill((byte)'x');
        for (var sent = 0; sent < options.HugeLineBytes; sent += piece.Length) await connection.SendChunkAsync(piece);
        await connection.FinishAsync();
    }

    /// <summary>The change that would come next, or one as it might be; faults send no more than a part of it.</summary>
    private byte[] NextLine()
    {
        var next = new List<StoreEvent>();
        store.Read(resource, _version, 1, next);
        var entity = next.Count > 0 ? next[0].Object : StoredObject.Create(resource, "default", "next", _version, _version + 1, new Dictionary<string, string>(), "next");
        return [.. "{\"type\":\"MODIFIED\",\"object\":"u8, .. entity.Json.Span, .. "}\n"u8];
    }

    private static ReadOnlyMemory<byte> Half(byte[] line) => line.AsMemory(0, line.Length / 2);

    private void Write(string type, ReadOnlySpan<byte> entity)
    {
        _buffer.Write("{\"type\":\""u8);
        Encoding.ASCII.GetBytes(type, _buffer);
        _buffer.Write("\",\"object\":"u8);
        _buffer.Write(entity);
        _buffer.Write("}\n"u8);
    }

    private void WriteBookmark(string annotations) => Write("BOOKMARK", Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"kind":"{{{resource.Kind}}}","apiVersion":"v1","metadata":{"resourceVersion":"{{{_version}}}","creationTimestamp":null{{{annotations}}}}}""")));
}
