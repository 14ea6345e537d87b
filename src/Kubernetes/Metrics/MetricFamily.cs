using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>Everything that is measured under one name.</summary>
internal sealed class MetricFamily
{
    /// <summary>Series beyond this many share one: labels must not eat the memory.</summary>
    public const int MostSeries = 2000;

    /// <summary>The same for what is asked for at each collection, and forgotten with the next one.</summary>
    public const int MostObservedSeries = 20_000;

    /// <summary>UTF-16 units of text after which it is passed on.</summary>
    private const int FlushedLength = 8192;

    private const string Overflow = "overflow=\"true\"";
    private const string Total = "_total";

    /// <summary>OpenTelemetry's default, for histograms that do not say theirs.</summary>
    private static readonly double[] DefaultBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly string _help;
    private readonly string _unit;
    private readonly bool _adds;
    private readonly double[]? _bounds;

    private MetricFamily(string name, Instrument instrument, string type, bool adds)
    {
        Name = name;
        Type = type;
        IsObservable = instrument.IsObservable;
        _help = (instrument.Description ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        _unit = instrument.Unit switch { "s" => "seconds", "By" => "bytes", _ => "" };
        _adds = adds;
        _bounds = type == "histogram" ? BoundsOf(instrument) : null;
    }

    public string Name { get; }

    /// <summary>counter, gauge or histogram.</summary>
    public string Type { get; }

    /// <summary>Whether its series are those of the last collection alone.</summary>
    public bool IsObservable { get; }

    public static MetricFamily Of(Instrument instrument)
    {
        var name = LabelText.Name(instrument.Name, colons: true);
        var type = instrument.GetType();
        var kind = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (kind == typeof(Counter<>)) return new MetricFamily(name, instrument, "counter", adds: true);
        if (kind == typeof(ObservableCounter<>)) return new MetricFamily(name, instrument, "counter", adds: false);
        if (kind == typeof(Histogram<>)) return new MetricFamily(name, instrument, "histogram", adds: true);
        return new MetricFamily(name, instrument, "gauge", adds: kind == typeof(UpDownCounter<>));
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Series(tags).Record(value);

    /// <summary>The series of the labels; made at zero when it is not there.</summary>
    public MetricSeries Series(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelText.Of(tags);
        if (_series.TryGetValue(labels, out var series)) return series;
        if (_series.Count >= (IsObservable ? MostObservedSeries : MostSeries)) labels = Overflow;
        return _series.GetOrAdd(labels, static (_, family) => family._bounds is { } bounds ? new HistogramSeries(bounds) : new NumberSeries(family._adds), this);
    }

    /// <summary>Forgets all series.</summary>
    public void Clear() => _series.Clear();

    /// <summary>Writes the metric with its series sorted by their labels; nothing when there are none.</summary>
    /// <param name="destination">Where to, as UTF-8.</param>
    /// <param name="openMetrics">
    /// OpenMetrics 1.0 instead of Prometheus' format: a counter's name has no ending, its samples end with _total, and units have a line.
    /// </param>
    public void Write(IBufferWriter<byte> destination, bool openMetrics)
    {
        var series = _series.ToArray();
        if (series.Length == 0) return;
        Array.Sort(series, static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        var text = new StringBuilder();
        var counts = openMetrics && Type == "counter";
        var name = counts && Name.EndsWith(Total, StringComparison.Ordinal) ? Name[..^Total.Length] : Name;
        if (_help.Length > 0)
        {
            var help = openMetrics ? _help.Replace("\"", "\\\"", StringComparison.Ordinal) : _help;
            text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        }

        text.Append("# TYPE ").Append(name).Append(' ').Append(Type).Append('\n');
        if (openMetrics && _unit.Length > 0 && name.EndsWith("_" + _unit, StringComparison.Ordinal))
            text.Append("# UNIT ").Append(name).Append(' ').Append(_unit).Append('\n');
        if (counts) name += Total;
        foreach (var (labels, values) in series)
        {
            values.Write(text, name, labels, openMetrics);
            if (text.Length >= FlushedLength) Flush(text, destination);
        }

        Flush(text, destination);
    }

    private static void Flush(StringBuilder text, IBufferWriter<byte> destination)
    {
        var encoder = Encoding.UTF8.GetEncoder();
        foreach (var chunk in text.GetChunks()) encoder.Convert(chunk.Span, destination, flush: false, out _, out _);
        encoder.Convert([], destination, flush: true, out _, out _);
        text.Clear();
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<float> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
        _ => DefaultBounds,
    };
}
