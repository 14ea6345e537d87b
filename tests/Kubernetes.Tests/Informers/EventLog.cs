using System.Collections.Concurrent;
using System.Threading.Channels;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Informers;

/// <summary>What a handler saw: + added, ~ updated, - deleted; then ! for the initial list, ? for a missed deletion, @ for a resync.</summary>
internal sealed class EventLog
{
    private readonly ConcurrentQueue<string> _entries = new();
    private readonly Channel<bool> _arrived = Channel.CreateUnbounded<bool>();

    public void Add(InformerEvent<V1ConfigMap> change)
    {
        var sign = change.Type switch { InformerEventType.Added => "+", InformerEventType.Updated => "~", _ => "-" };
        var marks = $"{(change.IsInitial ? "!" : "")}{(change.IsStale ? "?" : "")}{(change.IsResync ? "@" : "")}";
        _entries.Enqueue($"{sign}{change.Object.Metadata.Name}{marks}");
        _arrived.Writer.TryWrite(true);
    }

    public IReadOnlyList<string> Snapshot() => [.. _entries];

    public async Task CountAsync(int count)
    {
        while (_entries.Count < count) await _arrived.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }
}
