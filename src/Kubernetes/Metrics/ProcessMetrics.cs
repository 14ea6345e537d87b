using System.Diagnostics;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>The process as a whole, under the names that every Prometheus client gives it.</summary>
internal static class ProcessMetrics
{
    private const string OpenFiles = "/proc/self/fd";

    static ProcessMetrics()
    {
        var meter = KubernetesMeter.Meter;
        var started = StartTime();
        meter.CreateObservableGauge("process_start_time_seconds", () => started, "s", "Start time of the process since unix epoch in seconds.");
        meter.CreateObservableCounter(
            "process_cpu_seconds_total", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Total user and system CPU time spent in seconds.");
        meter.CreateObservableGauge("process_resident_memory_bytes", static () => Environment.WorkingSet, "By", "Resident memory size in bytes.");
        if (Directory.Exists(OpenFiles))
        {
            meter.CreateObservableGauge(
                "process_open_fds", static () => Directory.EnumerateFileSystemEntries(OpenFiles).Count(), description: "Number of open file descriptors.");
        }
    }

    /// <summary>Makes the instruments, the first time.</summary>
    public static void Publish()
    {
        // The static constructor has done it.
    }

    private static double StartTime()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
    }
}
