using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>
/// Adds up what meters measure, and writes it as the text that Prometheus scrapes (format 0.0.4), or as OpenMetrics 1.0.
/// Metrics have the names of their instruments, without additions.
/// </summary>
/// <remarks>
/// Make one when the process starts: what is measured before is not counted. Metrics and series are written in the order of
/// their names; those of this project are there, at zero, before anything is measured. Safe for use by several threads.
/// </remarks>
public sealed class PrometheusExporter : IDisposable
{
    /// <summary>What <see cref="WriteAsync"/> writes, for the Content-Type header.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>What <see cref="WriteOpenMetricsAsync"/> writes, for the Content-Type header.</summary>
    public const string OpenMetricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private const int BlockSize = 64 * 1024;

    private readonly HashSet<string> _meters;
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener;

    // One collection at a time; never taken by a measurement, which may come under a lock of its own.
    private readonly Lock _collecting = new();

    /// <summary>Starts to listen to this project's meter, to the process and to <paramref name="furtherMeters"/>.</summary>
    /// <param name="furtherMeters">Names of meters, such as <c>System.Runtime</c>.</param>
    public PrometheusExporter(params IEnumerable<string> furtherMeters)
    {
        ProcessMetrics.Publish();
        _meters = new HashSet<string>(furtherMeters, StringComparer.Ordinal) { KubernetesMeter.Name };
        _listener = new MeterListener { InstrumentPublished = Publish };
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => Record((double)value, tags, family));
        _listener.Start();
    }

    /// <summary>Collects what can be asked for, and writes everything.</summary>
    /// <param name="destination">Left open.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public Task WriteAsync(Stream destination, CancellationToken cancellationToken = default) => ExposeAsync(destination, openMetrics: false, cancellationToken);

    /// <summary>The same as OpenMetrics 1.0.</summary>
    /// <param name="destination">Left open.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public Task WriteOpenMetricsAsync(Stream destination, CancellationToken cancellationToken = default) => ExposeAsync(destination, openMetrics: true, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? family) => ((MetricFamily)family!).Record(value, tags);

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (!_meters.Contains(instrument.Meter.Name)) return;
        var family = MetricFamily.Of(instrument);
        var shared = _families.GetOrAdd(family.Name, family);
        // Two meters may have an instrument of one name; a name of two types would make the whole text unreadable.
        if (shared.Type == family.Type && shared.IsObservable == family.IsObservable) listener.EnableMeasurementEvents(instrument, shared);
    }

    private async Task ExposeAsync(Stream destination, bool openMetrics, CancellationToken cancellationToken)
    {
        // Never waits for its reader: a slow client holds up no collection.
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: BlockSize, useSynchronizationContext: false));
        Collect(pipe.Writer, openMetrics);
        await pipe.Writer.CompleteAsync().ConfigureAwait(false);
        try
        {
            await pipe.Reader.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private void Collect(IBufferWriter<byte> destination, bool openMetrics)
    {
        lock (_collecting)
        {
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // One instrument's callback failed; the others were asked all the same.
            }

            foreach (var (instrument, tags) in KnownSeries.All())
            {
                if (_families.TryGetValue(instrument.Name, out var family)) _ = family.Series(tags);
            }

            foreach (var family in _families.Values.OrderBy(static family => family.Name, StringComparer.Ordinal))
            {
                family.Write(destination, openMetrics);
                // The next collection asks for them anew, and what is no longer there then is not reported.
                if (family.IsObservable) family.Clear();
            }

            if (openMetrics) destination.Write("# EOF\n"u8);
        }
    }
}
