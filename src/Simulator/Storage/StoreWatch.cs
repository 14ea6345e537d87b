using System.Threading.Channels;

namespace GpuStack.Simulator.Storage;

/// <summary>
/// A running watch of one resource. <see cref="Events"/> has every change after the start, in order, and is completed when the
/// watch is disposed, or its reader is further behind than its limit.
/// </summary>
public sealed class StoreWatch : IDisposable
{
    private readonly Channel<StoreEvent> _channel;
    private readonly Action<StoreWatch> _stop;
    private readonly long _from;

    internal StoreWatch(string? @namespace, StoreList initial, long from, int limit, Action<StoreWatch> stop)
    {
        _channel = limit == int.MaxValue
            ? Channel.CreateUnbounded<StoreEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true })
            : Channel.CreateBounded<StoreEvent>(new BoundedChannelOptions(limit) { SingleReader = true, SingleWriter = true });
        Namespace = @namespace;
        Initial = initial;
        _from = from;
        _stop = stop;
    }

    /// <summary>The namespace watched, null for all.</summary>
    public string? Namespace { get; }

    /// <summary>The objects at the start when the watch began with a list; its resourceVersion is where the events begin.</summary>
    public StoreList Initial { get; }

    /// <summary>The changes.</summary>
    public ChannelReader<StoreEvent> Events => _channel.Reader;

    /// <summary>Stops the watch.</summary>
    public void Dispose() => _stop(this);

    internal void Post(StoreEvent change)
    {
        if (change.Object.ResourceVersion > _from && InScope(change))
            Write(change);
    }

    /// <summary>A reader that is too far behind gets no more: it starts again from the last change it saw.</summary>
    private void Write(StoreEvent change)
    {
        if (!_channel.Writer.TryWrite(change))
            Complete();
    }

    private bool InScope(StoreEvent change) => Namespace is null || string.Equals(Namespace, change.Object.Namespace, StringComparison.Ordinal);

    internal void Complete() => _channel.Writer.TryComplete();
}
