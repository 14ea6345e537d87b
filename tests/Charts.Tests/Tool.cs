using System.Diagnostics;

namespace GpuStack.Charts.Tests;

/// <summary>A program that <c>scripts/tools.sh</c> installs, or the one on PATH.</summary>
internal sealed class Tool
{
    private readonly string _program;

    private Tool(string program) => _program = program;

    public static Tool Helm { get; } = Find("helm");

    public static Tool Kubectl { get; } = Find("kubectl");

    /// <summary>Runs it; another exit code than 0 fails the test with what it said.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, error) = await StartAsync(arguments);
        Assert.True(code == 0, $"{_program} {string.Join(' ', arguments)} exits with {code}\n{output}{error}");
        return output;
    }

    /// <summary>Runs it, which is to fail.</summary>
    /// <returns>What it said on standard error.</returns>
    public async Task<string> RefusalAsync(params string[] arguments)
    {
        var (code, output, error) = await StartAsync(arguments);
        Assert.True(code != 0, $"{_program} {string.Join(' ', arguments)} exits with 0\n{output}");
        return error;
    }

    private static Tool Find(string name)
    {
        string[] folders = [Repository.PathOf(".tools", "bin"), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)];
        var program = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return new Tool(program ?? throw new InvalidOperationException($"There is no {name}: run scripts/tools.sh."));
    }

    private async Task<(int Code, string Output, string Error)> StartAsync(string[] arguments)
    {
        var start = new ProcessStartInfo(_program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output, await error);
    }
}
