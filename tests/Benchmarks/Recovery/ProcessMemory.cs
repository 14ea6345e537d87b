using System.Globalization;

namespace GpuStack.Benchmarks.Recovery;

/// <summary>What the kernel says of a process's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>A field of <c>/proc/PID/status</c>, in bytes; for example VmRSS, or RssAnon for what is no file's.</summary>
    /// <exception cref="IOException">There is no such process or field.</exception>
    public static long Read(int pid, string field)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status");
        string line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith($"{field}:", StringComparison.Ordinal))
            ?? throw new IOException($"{path} has no {field}.");
        return long.Parse(line.AsSpan(field.Length + 1).Trim().TrimEnd(" kB"), NumberStyles.None, CultureInfo.InvariantCulture) * 1024;
    }
}
