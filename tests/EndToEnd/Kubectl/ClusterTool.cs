using System.Diagnostics;

namespace GpuStack.EndToEnd.Kubectl;

/// <summary>A program that <c>scripts/tools.sh</c> installs, such as kubectl or helm, or the one on PATH, used against one cluster.</summary>
internal class ClusterTool(string program, string kubeconfig)
{
    public static string? Find(string name)
    {
        string[] folders = [Repository.PathOf(".tools", "bin"), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)];
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Runs it; a non-zero exit code fails the test with what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        (int code, string printed) = await StartAsync(arguments);
        Assert.True(code == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}\n{printed}");
        return printed;
    }

    /// <summary>Runs it, which is to fail, and gives what it printed.</summary>
    public async Task<string> RefusalAsync(params string[] arguments)
    {
        (int code, string printed) = await StartAsync(arguments);
        Assert.True(code == 1, $"{Path.GetFileName(program)} {string.Join(' ', arguments)} exits with {code}\n{printed}");
        return printed;
    }

    private async Task<(int Code, string Printed)> StartAsync(string[] arguments)
    {
        ProcessStartInfo start = new(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = kubeconfig;
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output + await error);
    }
}
