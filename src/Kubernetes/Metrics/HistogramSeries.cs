using System.Text;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>Counts by size: a bucket holds what is not greater than its bound, and what is in the buckets before it.</summary>
/// <param name="bounds">Ascending; the bucket without a bound is added.</param>
internal sealed class HistogramSeries(double[] bounds) : MetricSeries
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public override void Record(double value)
    {
        var bucket = Bucket(value);
        lock (_lock)
        {
            _counts[bucket]++;
            _sum += value;
        }
    }

    public override void Write(StringBuilder text, string name, string labels, bool openMetrics)
    {
        long[] counts;
        double sum;
        lock (_lock)
        {
            counts = [.. _counts];
            sum = _sum;
        }

        var before = labels.Length > 0 ? labels + "," : "";
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            var bound = i < bounds.Length ? Bound(bounds[i], openMetrics) : "+Inf";
            Line(text, name + "_bucket", $"{before}le=\"{bound}\"", total);
        }

        Line(text, name + "_sum", labels, sum);
        Line(text, name + "_count", labels, total);
    }

    /// <summary>In OpenMetrics 1 is 1.0: a bound is always a floating point number.</summary>
    private static string Bound(double value, bool openMetrics)
    {
        var text = Number(value);
        return openMetrics && text.All(static c => c == '-' || char.IsAsciiDigit(c)) ? text + ".0" : text;
    }

    private int Bucket(double value)
    {
        // NaN is not greater than any bound, and not less either: it goes where no bound is.
        if (double.IsNaN(value)) return bounds.Length;
        var found = Array.BinarySearch(bounds, value);
        return found >= 0 ? found : ~found;
    }
}
