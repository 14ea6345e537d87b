using System.Diagnostics;

namespace GpuStack.RealEngines.Programs;

/// <summary>The real llama.cpp programs, as <c>scripts/get-llama.sh</c> brings them.</summary>
internal static class LlamaPrograms
{
    /// <summary>Brings the programs if they are not there, and returns their folder, which goes first on PATH.</summary>
    /// <exception cref="IOException">They cannot be had; the message is one sentence that says why.</exception>
    public static Task<string> BringAsync(CancellationToken cancellationToken) => BringAsync([], Environment.GetEnvironmentVariable("PATH"), cancellationToken);

    /// <summary>With other arguments, and programs of PATH, than usual.</summary>
    /// <exception cref="IOException">They cannot be had; the message is one sentence that says why.</exception>
    public static async Task<string> BringAsync(string[] arguments, string? path, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Repository.PathOf("scripts", "get-llama.sh"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PATH"] = path },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? (await output).Trim()
            : throw new IOException((await error).TrimEnd().Split('\n')[^1]);
    }
}
