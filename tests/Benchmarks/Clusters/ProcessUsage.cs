using System.Diagnostics;
using System.Globalization;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>What the system says of a process.</summary>
/// <param name="ProcessorSeconds">Processor time since its start.</param>
/// <param name="ResidentMB">Resident memory, in 10^6 bytes.</param>
/// <param name="PeakMB">The most of it so far.</param>
/// <param name="AnonymousMB">Resident memory that is no part of a file, of which the system can give nothing back; 0 where it does not say.</param>
internal sealed record ProcessUsage(double ProcessorSeconds, double ResidentMB, double PeakMB, double AnonymousMB)
{
    private const string AnonymousLine = "RssAnon:";

    public static ProcessUsage Of(Process process)
    {
        process.Refresh();
        return new ProcessUsage(process.TotalProcessorTime.TotalSeconds, process.WorkingSet64 / 1e6, process.PeakWorkingSet64 / 1e6, Anonymous(process.Id));
    }

    /// <summary>Linux tells it in KiB.</summary>
    private static double Anonymous(int id)
    {
        string status = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/status");
        string? line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith(AnonymousLine, StringComparison.Ordinal)) : null;
        return line is null ? 0 : double.Parse(line[AnonymousLine.Length..^2], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
