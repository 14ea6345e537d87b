using System.Globalization;
using System.Text;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>The values of one metric under one set of labels. Thread-safe.</summary>
internal abstract class MetricSeries
{
    /// <summary>Takes a measurement in.</summary>
    public abstract void Record(double value);

    /// <summary>Writes the sample lines.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="name">The metric's name.</param>
    /// <param name="labels">As <see cref="LabelText"/> makes them; may be empty.</param>
    /// <param name="openMetrics">Whether bounds are written as OpenMetrics wants them.</param>
    public abstract void Write(StringBuilder text, string name, string labels, bool openMetrics);

    /// <summary>A number as Go reads it: the shortest text that is exactly this number.</summary>
    public static string Number(double value) =>
        double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');

    protected static void Line(StringBuilder text, string name, string labels, double value)
    {
        Begin(text, name, labels);
        // Most are whole numbers, which need no text of their own; zero may be negative.
        if (value == Math.Floor(value) && Math.Abs(value) is > 0 and < 1e15) text.Append(CultureInfo.InvariantCulture, $"{(long)value}");
        else text.Append(Number(value));
        text.Append('\n');
    }

    protected static void Line(StringBuilder text, string name, string labels, long value)
    {
        Begin(text, name, labels);
        text.Append(CultureInfo.InvariantCulture, $"{value}").Append('\n');
    }

    private static void Begin(StringBuilder text, string name, string labels)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ');
    }
}
