using System.Diagnostics;
using GpuStack.EndToEnd.Helm;
using GpuStack.EndToEnd.Kubectl;

namespace GpuStack.EndToEnd.Docs;

/// <summary>
/// The commands of the documentation run. Those of a file run one after the other in one shell, in a folder that looks like the repository, with
/// the built program, kubectl and helm on PATH, against the cluster that <c>demo --hold</c> keeps up, or an empty one. A block that cannot run here
/// says why on the line before it.
/// </summary>
public sealed class CommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Files =>
        [.. MarkdownFile.All.Where(file => file.ShellBlocks().Any(block => block.NotRun is null)).Select(file => file.Path)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_command_runs(string path)
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["charts", "config", "docs", "samples", "scripts", "tests"])
        {
            Directory.CreateSymbolicLink(Path.Combine(folder.Path, name), Repository.PathOf(name));
        }

        string script = string.Concat(MarkdownFile.Read(path).ShellBlocks().Where(block => block.NotRun is null)
            .Select(block => $"echo '== {block.File}:{block.Line}'\n{block.Script}"));
        ProcessStartInfo start = new("bash") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        foreach (string argument in (string[])["-euo", "pipefail", "-c", script])
        {
            start.ArgumentList.Add(argument);
        }

        string programs = Directory.CreateDirectory(Path.Combine(folder.Path, ".bin")).FullName;
        await ProgramAsync(programs, "gpustack-operator");
        await ProgramAsync(programs, "kubectl-gpustack");
        start.Environment["PATH"] = $"{programs}:{Repository.PathOf(".tools", "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        // A cluster for each: what one guide scales or suspends is another's example.
        await using HelmCluster? empty = MarkdownFile.Read(path).NeedsEmptyCluster ? await HelmCluster.StartAsync() : null;
        await using HeldDemo demo = new();
        if (empty is null)
        {
            await demo.InitializeAsync();
        }

        start.Environment["KUBECONFIG"] = empty?.Kubeconfig ?? demo.Kubeconfig;
        start.Environment["HOME"] = folder.Path;

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using Process shell = Process.Start(start)!;
        try
        {
            Task<string> output = shell.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = shell.StandardError.ReadToEndAsync(limit.Token);
            await shell.WaitForExitAsync(limit.Token);
            Assert.True(shell.ExitCode == 0, $"{path}: exit code {shell.ExitCode}\n{await output}\n{await error}");
        }
        finally
        {
            if (!shell.HasExited)
            {
                shell.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task ProgramAsync(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        await File.WriteAllTextAsync(file, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "gpustack-operator.dll")}' \"$@\"\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>A folder for as long as a test needs it.</summary>
    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gpustack-docs-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
