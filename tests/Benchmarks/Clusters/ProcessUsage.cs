using System.Diagnostics;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>What the system says of a process.</summary>
/// <param name="ProcessorSeconds">Processor time since its start.</param>
/// <param name="ResidentMB">Resident memory, in 10^6 bytes.</param>
/// <param name="PeakMB">The most of it so far.</param>
internal sealed record ProcessUsage(double ProcessorSeconds, double ResidentMB, double PeakMB)
{
    public static ProcessUsage Of(Process process)
    {
        process.Refresh();
        return new ProcessUsage(process.TotalProcessorTime.TotalSeconds, process.WorkingSet64 / 1e6, process.PeakWorkingSet64 / 1e6);
    }
}
