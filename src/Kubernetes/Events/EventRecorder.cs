using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Timing;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Events;

/// <summary>
/// Writes events.k8s.io/v1 events, and turns repetitions into a series.
/// </summary>
/// <remarks>
/// The first occurrence creates an Event; the second patches a series with count 2 into it at once; further ones are
/// counted and patched in at most every <see cref="EventRecorderOptions.SeriesInterval"/>. What does not recur for
/// <see cref="EventRecorderOptions.SeriesTimeout"/> is forgotten, so that its next occurrence is a new Event. Recording
/// only puts into a bounded line; <see cref="RunAsync"/> does the writing and outlives its token to empty that line. A
/// server that cannot be reached is tried again as client-go tries it, 12 times 10 s apart; what it refuses is dropped.
/// </remarks>
public sealed class EventRecorder : IEventRecorder
{
    private const int MaxTries = 12;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(10);

    private readonly IKubernetesClient _client;
    private readonly EventRecorderOptions _options;
    private readonly string _instance;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<(EventIdentity Identity, EventsV1Event Event)> _line;
    private readonly SeriesTable _series;
    private long _lastName;
    private int _dropped;

    /// <summary>A recorder that writes once <see cref="RunAsync"/> runs.</summary>
    /// <exception cref="ArgumentException">The reporting controller or instance is empty.</exception>
    public EventRecorder(IKubernetesClient client, EventRecorderOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.ReportingController);
        ArgumentException.ThrowIfNullOrEmpty(options.ReportingInstance);
        _client = client;
        _options = options;
        _instance = EventText.Word(options.ReportingInstance);
        _time = timeProvider;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Events");
        _series = new SeriesTable(options.MaxSeries, options.SeriesTimeout, timeProvider);
        _line = Channel.CreateBounded<(EventIdentity, EventsV1Event)>(
            new BoundedChannelOptions(options.MaxWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    }

    internal int SeriesCount => _series.Count;

    /// <inheritdoc/>
    public void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note, IKubernetesObject? related = null)
    {
        note = EventText.Note(note);
        reason = EventText.Word(reason);
        action = EventText.Word(action);
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
            Metadata = new V1ObjectMeta { Name = EventText.Name(regarding.Metadata.Name, NextName()), Namespace = regarding.Metadata.Namespace ?? "default" },
            EventTime = _time.GetUtcNow(),
            ReportingController = _options.ReportingController,
            ReportingInstance = _instance,
            Action = action,
            Reason = reason,
            Regarding = Reference(regarding),
            Related = related is null ? null : Reference(related),
            Note = note,
            Type = type.ToString(),
        };
        if (_line.Writer.TryWrite((identity, entry))) return;
        // The first of a flood is named, the others are counted.
        if (Interlocked.Increment(ref _dropped) == 1) Log.EventDropped(_logger, reason, regarding.Kind, EntityKey.Of(regarding));
    }

    /// <summary>Writes events until cancelled; then what is left, for a short while.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A tick writes the counts that wait for their interval.
        using var ticks = new PeriodicTimer(_options.SeriesInterval, _time);
        var tick = ticks.WaitForNextTickAsync(CancellationToken.None).AsTask();
        // One wait at a time: a channel keeps those that nobody awaits any more until the next event comes.
        Task? more = null;
        try
        {
            while (true)
            {
                while (_line.Reader.TryRead(out var item)) await WriteAsync(item.Identity, item.Event, MaxTries, cancellationToken).ConfigureAwait(false);
                more ??= _line.Reader.WaitToReadAsync(cancellationToken).AsTask();
                await Task.WhenAny(more, tick).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (more.IsCompleted) more = null;
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

    // A moment in nanoseconds, and never the same one twice.
    private long NextName()
    {
        var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        long last;
        long next;
        do
        {
            last = Volatile.Read(ref _lastName);
            next = Math.Max(now, last + 1);
        }
        while (Interlocked.CompareExchange(ref _lastName, next, last) != last);
        return next;
    }

    private async Task DrainAsync()
    {
        using var deadline = new CancellationTokenSource(_options.DrainTimeout, _time);
        try
        {
            await SweepAsync(TimeSpan.Zero, deadline.Token).ConfigureAwait(false);
            while (_line.Reader.TryRead(out var item)) await WriteAsync(item.Identity, item.Event, tries: 1, deadline.Token).ConfigureAwait(false);
            await SweepAsync(TimeSpan.Zero, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The time is up; events are a courtesy.
        }
    }

    private async Task WriteAsync(EventIdentity identity, EventsV1Event entry, int tries, CancellationToken cancellationToken)
    {
        var now = _time.GetTimestamp();
        if (_series.Find(identity) is { } series)
        {
            series.Repeat(entry.EventTime!.Value, now);
            if (series.Count == 2 || _time.GetElapsedTime(series.TriedAt, now) >= _options.SeriesInterval)
                await WriteSeriesAsync(series, cancellationToken).ConfigureAwait(false);
            return;
        }

        series = new EventSeries(entry, now);
        _series.Add(identity, series);
        await CreateAsync(series, tries, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes what has waited at least <paramref name="age"/>, and forgets what has ended.</summary>
    private async Task SweepAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _dropped, 0) is var dropped and > 1) Log.EventsDropped(_logger, dropped - 1);
        foreach (var series in _series.Pending())
        {
            if (!series.Settled) await CreateAsync(series, tries: 1, cancellationToken).ConfigureAwait(false);
            else if (_time.GetElapsedTime(series.TriedAt) >= age) await WriteSeriesAsync(series, cancellationToken).ConfigureAwait(false);
        }

        _series.ForgetEnded();
    }

    private async Task CreateAsync(EventSeries series, int tries, CancellationToken cancellationToken)
    {
        for (var i = 1; ; i++)
        {
            try
            {
                await _client.CreateAsync(series.Event, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (KubernetesException e) when (e.IsAlreadyExists)
            {
                // Names are unique: it is ours, and the answer to an earlier try was lost.
                break;
            }
            catch (Exception e) when (IsPassing(e) && i < tries)
            {
                Log.EventDelayed(_logger, i, Bounded.Text(e.Message));
                await Task.Delay(DelayAfter(e), _time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsFailure(e))
            {
                LogFailure(series.Event, e);
                break;
            }
        }

        series.Settled = true;
    }

    // Not tried again here: a series that goes on is written again in a while.
    private async Task WriteSeriesAsync(EventSeries series, CancellationToken cancellationToken)
    {
        var count = series.Count;
        series.TriedAt = _time.GetTimestamp();
        var entry = series.Event;
        var patch = new JsonObject
        {
            ["series"] = new JsonObject { ["count"] = count, ["lastObservedTime"] = KubernetesTime.ToMicroTime(series.LastObserved) },
        };
        try
        {
            try
            {
                await _client.MergePatchAsync<EventsV1Event>(entry.Metadata.Name!, entry.Metadata.Namespace, patch, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException e) when (e.IsNotFound)
            {
                // Servers drop events after an hour; the series goes on in a new object.
                entry.Series = new EventsV1EventSeries { Count = count, LastObservedTime = series.LastObserved };
                await _client.CreateAsync(entry, cancellationToken).ConfigureAwait(false);
            }

            series.WrittenCount = count;
        }
        catch (Exception e) when (IsFailure(e))
        {
            if (!IsPassing(e)) series.WrittenCount = count;
            LogFailure(entry, e);
        }
    }

    // As client-go judges it: what the server answered stands (a namespace that is being deleted, an invalid event), but for an overload.
    private static bool IsPassing(Exception error) => error switch
    {
        KubernetesException e => e.Code is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
        _ => error is HttpRequestException or IOException,
    };

    // Whatever it was, the next event has its turn.
    private static bool IsFailure(Exception error) => error is not OperationCanceledException;

    private static TimeSpan DelayAfter(Exception error)
    {
        var delay = RetryDelay * (1 + 0.25 * Jitter.Fraction());
        return error is KubernetesException { RetryAfter: { } asked } && asked > delay ? TimeSpan.FromSeconds(Math.Min(60, asked.TotalSeconds)) : delay;
    }

    private void LogFailure(EventsV1Event entry, Exception error)
    {
        var regarding = entry.Regarding!;
        Log.EventFailed(_logger, entry.Reason, regarding.Kind, new EntityKey(regarding.Namespace, regarding.Name ?? ""), Bounded.Text(error.Message));
    }
}
