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
        (int code, string output, string error) = await ProcessEnd.OfAsync(process, Limit);
        return new Result(code, output, error);
    }

    public static Process Start(params string[] arguments) => Start(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    /// <summary>Starts it with variables beside those of the test's own environment.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => StartProgram(null, environment, arguments);

    /// <summary>Starts the program of a file; null for the one that was built.</summary>
    public static Process StartProgram(string? program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(program ?? "dotnet")
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

        if (program is null)
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "gpustack-operator.dll"));
        }

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
