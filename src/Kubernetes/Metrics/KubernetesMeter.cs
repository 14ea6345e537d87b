using System.Diagnostics.Metrics;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>The meter of every instrument of this project.</summary>
public static class KubernetesMeter
{
    /// <summary>The name by which exporters subscribe.</summary>
    public const string Name = "GpuStack.Kubernetes";

    internal static readonly Meter Meter = new(Name);
}
