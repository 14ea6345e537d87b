using System.Diagnostics.Metrics;

namespace GpuStack.Operator.Metrics;

/// <summary>The meters of this project. All have one name; what is asked for at a scrape has a meter for each operator in the process.</summary>
internal static class OperatorMeter
{
    /// <summary>The name by which exporters subscribe.</summary>
    public const string Name = "GpuStack.Operator";

    /// <summary>Of what is measured when it happens.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>A label.</summary>
    public static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
