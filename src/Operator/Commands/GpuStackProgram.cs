using System.CommandLine;
using System.CommandLine.Help;
using GpuStack.Operator.Commands.Completion;
using GpuStack.Operator.Commands.Demo;
using GpuStack.Operator.Commands.Estimate;
using GpuStack.Operator.Commands.Fetch;
using GpuStack.Operator.Commands.Generate;
using GpuStack.Operator.Commands.Plan;
using GpuStack.Operator.Commands.Probe;
using GpuStack.Operator.Commands.Run;
using GpuStack.Operator.Commands.Supervise;

namespace GpuStack.Operator.Commands;

/// <summary>
/// The command line of <c>gpustack-operator</c>. Every command is made by a factory in <see cref="Factories"/>; its action returns one of
/// <see cref="ExitCodes"/>, or throws <see cref="InputException"/> or <see cref="WorkFailedException"/> for a failure it wants to say in one sentence.
/// </summary>
internal static class GpuStackProgram
{
    /// <summary>The commands, in the order in which the usage lists them.</summary>
    private static readonly Func<Command>[] Factories =
    [
        RunCommand.Create,
        DemoCommand.Create,
        PlanCommand.Create,
        EstimateCommand.Create,
        FetchCommand.Create,
        SuperviseCommand.Create,
        ProbeCommand.Create,
        GenerateCommand.Create,
        CompletionCommand.Create,
    ];

    /// <summary>Parses and runs <paramref name="args"/>; <paramref name="programFile"/> is what the program was called as.</summary>
    public static Task<int> RunAsync(string[] args, string programFile) => RunAsync(args, programFile, Console.Out, Console.Error);

    /// <inheritdoc cref="RunAsync(string[], string)"/>
    public static async Task<int> RunAsync(string[] args, string programFile, TextWriter output, TextWriter error)
    {
        if (args is [CompletionCommand.Request, .. var words])
            return CompletionCommand.Answer(CreateRoot(programFile), words, output);
        var parsed = CreateRoot(programFile).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
                await error.WriteLineAsync(problem.Message);
            await error.WriteLineAsync($"See '{ProgramName.Typed(ProgramName.FileOf(programFile))} --help'.");
            return ExitCodes.WrongInput;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // supervise hands signals on itself, and takes the time that it was given.
                ProcessTerminationTimeout = parsed.CommandResult.Command.Name == SuperviseCommand.Name ? null : TimeSpan.FromSeconds(30),
                Output = output,
                Error = error,
            });
        }
        catch (Exception exception)
        {
            var (code, sentence) = FailureReport.Of(exception);
            await error.WriteLineAsync(sentence);
            return code;
        }
    }

    private static Command CreateRoot(string programFile)
    {
        string name = ProgramName.FileOf(programFile);
        var help = new HelpOption();
        if (name is ProgramName.Plugin && help.Action is HelpAction usage)
            help.Action = new PluginHelp(usage);
        var root = new Command(name, "Places LLMs on the GPUs of a Kubernetes cluster and runs them there.")
        {
            help,
            new VersionOption(),
        };
        foreach (var factory in Factories)
            root.Add(factory());
        root.SetAction(result =>
        {
            root.Parse(["--help"]).Invoke(result.InvocationConfiguration);
            return result.Tokens.Count == 0 ? ExitCodes.WrongInput : ExitCodes.Success;
        });
        return root;
    }
}
