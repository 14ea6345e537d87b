using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Events;

/// <summary>
/// Writes events.k8s.io/v1 events, and turns repetitions into a series.
/// </summary>
/// <remarks>
/// The first occurrence creates an Event; the second patches a series with count 2 into it at once; further ones are
/// counted and patched in at most every <see cref="EventRecorderOptions.SeriesInterval"/>. What does not recur for
/// <see cref="EventRecorderOptions.SeriesTimeout"/> is forgotten, so that its next occurrence is a new Event. Recording
/// only puts into a bounded line; <see cref="RunAsync"/> does the writing and outlives its token to empty that line.
/// </remarks>
public sealed class EventRecorder : IEventRecorder
{
    private const int Capacity = 1000;
    private const int MaxNoteBytes = 1024;

    private readonly IKubernetesClient _client;
    private readonly EventRecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<(EventIdentity Identity, EventsV1Event Event)> _line = Channel.CreateBounded<(EventIdentity, EventsV1Event)>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly Dictionary<EventIdentity, EventSeries> _series = [];
    private long _lastName;

    /// <summary>A recorder that writes once <see cref="RunAsync"/> runs.</summary>
    public EventRecorder(IKubernetesClient client, EventRecorderOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        _client = client;
        _options = options;
        _time = timeProvider;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Events");
    }

    /// <inheritdoc/>
    public void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note, IKubernetesObject? related = null)
    {
        note = CutNote(note);
        var identity = new EventIdentity(
            regarding.Metadata.Uid,
            $"{regarding.Kind}/{EntityKey.Of(regarding)}",
            related is null ? null : $"{related.Kind}/{EntityKey.Of(related)}",
            type,
            reason,
            action,
            note);
        var entry = new EventsV1Event
        {
            Metadata = new V1ObjectMeta { Name = NextName(regarding.Metadata.Name ?? "unknown"), Namespace = regarding.Metadata.Namespace ?? "default" },
            EventTime = _time.GetUtcNow(),
            ReportingController = _options.ReportingController,
            ReportingInstance = _options.ReportingInstance,
            Action = action,
            Reason = reason,
            Regarding = Reference(regarding),
            Related = related is null ? null : Reference(related),
            Note = note,
            Type = type.ToString(),
        };
        if (!_line.Writer.TryWrite((identity, entry))) Log.EventDropped(_logger, reason, regarding.Kind, EntityKey.Of(regarding));
    }

    /// <summary>Writes events until cancelled; then what is left, for a short while.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A tick writes the counts that wait for their interval.
        using var ticks = new PeriodicTimer(_options.SeriesInterval, _time);
        var tick = ticks.WaitForNextTickAsync(CancellationToken.None).AsTask();
        try
        {
            while (true)
            {
                while (_line.Reader.TryRead(out var item)) await WriteAsync(item.Identity, item.Event, cancellationToken).ConfigureAwait(false);
                var more = _line.Reader.WaitToReadAsync(cancellationToken).AsTask();
                await Task.WhenAny(more, tick).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (!tick.IsCompleted) continue;
                await SweepAsync(_options.SeriesInterval, cancellationToken).ConfigureAwait(false);
                tick = ticks.WaitForNextTickAsync(CancellationToken.None).AsTask();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await DrainAsync().ConfigureAwait(false);
        }
    }

    private static V1ObjectReference Reference(IKubernetesObject entity) => new()
    {
        ApiVersion = entity.ApiVersion,
        Kind = entity.Kind,
        Namespace = entity.Metadata.Namespace,
        Name = entity.Metadata.Name,
        Uid = entity.Metadata.Uid,
        ResourceVersion = entity.Metadata.ResourceVersion,
    };

    private static string CutNote(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= MaxNoteBytes) return note;
        var text = note.AsSpan(0, Math.Min(note.Length, MaxNoteBytes - 3));
        while (Encoding.UTF8.GetByteCount(text) > MaxNoteBytes - 3) text = text[..^1];
        if (char.IsHighSurrogate(text[^1])) text = text[..^1];
        return $"{text}…";
    }

    // As client-go names them: the object's name and the moment in hexadecimal nanoseconds; here also never the same twice.
    private string NextName(string name)
    {
        const int maxName = 253 - 17;
        var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        long last;
        long next;
        do
        {
            last = Volatile.Read(ref _lastName);
            next = Math.Max(now, last + 1);
        }
        while (Interlocked.CompareExchange(ref _lastName, next, last) != last);
        return string.Create(CultureInfo.InvariantCulture, $"{(name.Length > maxName ? name[..maxName] : name)}.{next:x}");
    }

    private async Task DrainAsync()
    {
        using var deadline = new CancellationTokenSource(_options.DrainTimeout, _time);
        try
        {
            while (_line.Reader.TryRead(out var item)) await WriteAsync(item.Identity, item.Event, deadline.Token).ConfigureAwait(false);
            await SweepAsync(TimeSpan.Zero, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The time is up; events are a courtesy.
        }
    }

    private async Task WriteAsync(EventIdentity identity, EventsV1Event entry, CancellationToken cancellationToken)
    {
        var now = _time.GetTimestamp();
        if (_series.TryGetValue(identity, out var series) && _time.GetElapsedTime(series.SeenAt, now) <= _options.SeriesTimeout)
        {
            series.Count++;
            series.SeenAt = now;
            series.LastObserved = entry.EventTime!.Value;
            if (series.WrittenCount == 1 || _time.GetElapsedTime(series.WrittenAt, now) >= _options.SeriesInterval)
                await WriteSeriesAsync(series, cancellationToken).ConfigureAwait(false);
            return;
        }

        _series[identity] = new EventSeries(entry, now);
        await TryAsync(entry, () => _client.CreateAsync(entry, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Writes the counts that have waited at least <paramref name="age"/>, and forgets what has ended.</summary>
    private async Task SweepAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        foreach (var (identity, series) in _series.ToList())
        {
            if (series.Count > series.WrittenCount && _time.GetElapsedTime(series.WrittenAt) >= age)
                await WriteSeriesAsync(series, cancellationToken).ConfigureAwait(false);
            if (_time.GetElapsedTime(series.SeenAt) > _options.SeriesTimeout) _series.Remove(identity);
        }
    }

    private async Task WriteSeriesAsync(EventSeries series, CancellationToken cancellationToken)
    {
        series.WrittenCount = series.Count;
        series.WrittenAt = _time.GetTimestamp();
        var entry = series.Event;
        var patch = new JsonObject
        {
            ["series"] = new JsonObject { ["count"] = series.Count, ["lastObservedTime"] = KubernetesTime.ToMicroTime(series.LastObserved) },
        };
        await TryAsync(entry, async () =>
        {
            try
            {
                await _client.MergePatchAsync<EventsV1Event>(entry.Metadata.Name!, entry.Metadata.Namespace, patch, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException e) when (e.IsNotFound)
            {
                // Servers drop events after an hour; the series goes on in a new object.
                entry.Series = new EventsV1EventSeries { Count = series.Count, LastObservedTime = series.LastObserved };
                await _client.CreateAsync(entry, cancellationToken).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private async Task TryAsync(EventsV1Event entry, Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception e) when (e is KubernetesException or HttpRequestException or IOException or ArgumentException)
        {
            var regarding = entry.Regarding!;
            Log.EventFailed(_logger, entry.Reason, regarding.Kind, new EntityKey(regarding.Namespace, regarding.Name ?? ""), e.Message);
        }
    }
}
