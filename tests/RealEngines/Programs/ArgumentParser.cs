using System.Diagnostics;
using GpuStack.Operator.Objects.LlamaCpp;

namespace GpuStack.RealEngines.Programs;

/// <summary>
/// Asks the real programs whether they take a list of arguments. llama-server is given a model that does not exist: what it says of the
/// model comes after its arguments. ggml-rpc-server says that it starts, and is ended.
/// </summary>
internal static class ArgumentParser
{
    public const string MissingModel = "/nowhere/missing.gguf";

    private const string NoModel = "failed to load model '" + MissingModel + "'";
    private const string WorkerStarts = "Starting RPC server";
    private const int MostLines = 20_000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <exception cref="TimeoutException">The program neither refused the arguments nor began its work: it does something else with them.</exception>
    public static async Task<ParserVerdict> AskAsync(string programs, IReadOnlyList<string> command, string cache, CancellationToken cancellationToken)
    {
        var begun = command[0] == LlamaServerArguments.WorkerProgram ? WorkerStarts : NoModel;
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" 2>&1", Path.Combine(programs, command[0]), .. command.Skip(1)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { ["LLAMA_CACHE"] = cache },
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        List<string> output = [];
        try
        {
            while (output.Count < MostLines && await process.StandardOutput.ReadLineAsync(either.Token) is { } line)
            {
                output.Add(line);
                if (line.Contains(begun, StringComparison.Ordinal))
                    return new ParserVerdict(true, string.Join('\n', output));
            }
            return new ParserVerdict(false, string.Join('\n', output));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{command[0]} neither refuses these arguments nor does its work: {string.Join(' ', command)}\n{string.Join('\n', output)}", exception);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
