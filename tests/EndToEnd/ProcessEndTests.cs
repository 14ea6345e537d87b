using System.Diagnostics;

namespace GpuStack.EndToEnd;

public sealed class ProcessEndTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_a_process_writes_and_its_exit_code_are_told()
    {
        using var process = Shell("echo out; echo err >&2; exit 3");

        Assert.Equal((3, "out\n", "err\n"), await ProcessEnd.OfAsync(process, Generous));
    }

    /// <summary>As a build server does that a build leaves behind.</summary>
    [Fact]
    public async Task A_process_that_leaves_another_with_its_pipes_does_not_keep_us_waiting()
    {
        using var process = Shell("echo out; sleep 300 & echo $!");

        var (code, output, _) = await ProcessEnd.OfAsync(process, Generous, rest: TimeSpan.FromMilliseconds(500));
        var lines = output.Split('\n');
        using (var left = Process.GetProcessById(int.Parse(lines[1], System.Globalization.CultureInfo.InvariantCulture)))
        {
            Assert.False(left.HasExited);
            left.Kill();
        }

        Assert.Equal((0, "out"), (code, lines[0]));
    }

    [Fact]
    public async Task A_process_that_does_not_end_is_killed_and_what_it_wrote_is_told()
    {
        using var process = Shell("echo stuck; exec sleep 300");

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => ProcessEnd.OfAsync(process, TimeSpan.FromSeconds(2)));
        Assert.Contains("stuck", failure.Message, StringComparison.Ordinal);
        Assert.True(process.HasExited || process.WaitForExit(Generous));
    }

    private static Process Shell(string script) =>
        Process.Start(new ProcessStartInfo("sh", ["-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
}
