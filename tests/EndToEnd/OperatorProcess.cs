using System.Diagnostics;
using System.Text.Json.Nodes;

namespace GpuStack.EndToEnd;

/// <summary>Runs the built program as a user would, in a process of its own.</summary>
internal static class OperatorProcess
{
    /// <summary>A run that takes longer than this is stuck.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public static Task<Result> RunAsync(params string[] arguments) => RunAsync(Start(arguments));

    /// <summary>Runs against the cluster of a kubeconfig.</summary>
    public static Task<Result> RunAgainstAsync(string kubeconfig, params string[] arguments) => RunAsync(Start(new Dictionary<string, string>(StringComparer.Ordinal) { ["KUBECONFIG"] = kubeconfig }, arguments));

    private static async Task<Result> RunAsync(Process started)
    {
        using Process process = started;
        using CancellationTokenSource limit = new(Limit, TimeProvider.System);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            limit.Token, TestContext.Current.CancellationToken);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(either.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token);
            return new Result(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public static Process Start(params string[] arguments) => Start(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    /// <summary>Starts it with variables beside those of the test's own environment.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (KeyValuePair<string, string> variable in environment)
        {
            start.Environment[variable.Key] = variable.Value;
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "gpustack-operator.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>With <c>--output json</c> standard output is one JSON object and nothing else.</summary>
        public JsonObject Json => JsonNode.Parse(Output)!.AsObject();

        public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
    }
}
