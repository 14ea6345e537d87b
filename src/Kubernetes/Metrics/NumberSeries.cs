using System.Text;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>One number.</summary>
/// <param name="adds">Whether measurements add up; otherwise the last one counts.</param>
internal sealed class NumberSeries(bool adds) : MetricSeries
{
    private double _value;

    public override void Record(double value)
    {
        if (!adds)
        {
            Volatile.Write(ref _value, value);
            return;
        }

        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _value, seen + value, seen);
            // By bits: NaN is not equal to itself.
            if (BitConverter.DoubleToInt64Bits(before) == BitConverter.DoubleToInt64Bits(seen)) return;
            seen = before;
        }
    }

    public override void Write(StringBuilder text, string name, string labels, bool openMetrics) => Line(text, name, labels, Volatile.Read(ref _value));
}
