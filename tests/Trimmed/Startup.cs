using System.Diagnostics;
using System.Text.Json;

namespace GpuStack.Trimmed;

/// <summary>What this program is on disk, and how long it took to get here.</summary>
internal static class Startup
{
    /// <summary><c>program: N bytes, started in M ms, reflection serialization on|off</c>.</summary>
    public static string Describe()
    {
        using var process = Process.GetCurrentProcess();
        var elapsed = TimeProvider.System.GetLocalNow().DateTime - process.StartTime;
        var bytes = new FileInfo(Environment.ProcessPath!).Length;
        var reflection = JsonSerializer.IsReflectionEnabledByDefault ? "on" : "off";
        return $"program: {bytes} bytes, started in {Math.Max(0, elapsed.TotalMilliseconds):0} ms, reflection serialization {reflection}";
    }
}
