using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuStack.EndToEnd.Trimming;

/// <summary>
/// The program of tests/Trimmed, published for this machine: self-contained, trimmed, compiled ahead, one file. Publishing takes most of a
/// minute; it restores and builds below a folder of its own, which is kept, so that without a change it takes seconds.
/// </summary>
public sealed class PublishedProgram : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    private static string Folder => Repository.PathOf("tests", "Trimmed", "obj", "published");

    /// <summary>What dotnet said; it ends with the errors when there are any.</summary>
    internal string Log { get; private set; } = "";

    internal bool Succeeded { get; private set; }

    public async ValueTask InitializeAsync()
    {
        (int code, Log, string error) = await RunAsync(
            "dotnet", [],
            "publish", Repository.PathOf("tests", "Trimmed"), "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier,
            "--artifacts-path", Folder, "--output", Path.Combine(Folder, "program"), "--verbosity", "minimal",
            // A node that lives on would keep our pipes open.
            "-nodeReuse:false", "-property:UseSharedCompilation=false");
        Log += error;
        Succeeded = code == 0;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static Task<(int ExitCode, string Output, string Error)> RunAsync(string kubeconfig) =>
        RunAsync(Path.Combine(Folder, "program", "GpuStack.Trimmed"), [("KUBECONFIG", kubeconfig)]);

    internal static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string program, (string Name, string Value)[] environment, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        // What a test runner tells its own msbuild is not meant for this one.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        return await ProcessEnd.OfAsync(process, Limit);
    }
}
