using System.Diagnostics;

namespace GpuStack.EndToEnd.Metrics;

/// <summary>Prometheus' own promtool, as <c>scripts/tools.sh</c> brings it, or the one on PATH.</summary>
internal static class PromTool
{
    public static string? Find()
    {
        string[] folders = [Repository.PathOf(".tools", "bin"), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)];
        return folders.Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
    }

    /// <summary>What <c>promtool check metrics</c> finds wrong with a scrape; empty when it parses and lints clean.</summary>
    public static async Task<string> CheckMetricsAsync(string program, string scrape)
    {
        var start = new ProcessStartInfo(program, ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(scrape);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var said = await output + await error;
        return process.ExitCode == 0 ? said : $"exit code {process.ExitCode}: {said}";
    }
}
