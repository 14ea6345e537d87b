using System.CommandLine;
using System.Runtime.InteropServices;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Status;
using GpuStack.Operator.Supervision.Workers;

namespace GpuStack.Operator.Commands.Supervise;

/// <summary><c>supervise</c>: runs an engine inside its container, and answers for it.</summary>
internal static class SuperviseCommand
{
    public const string Name = "supervise";

    /// <summary>With the engine's answer to each: to stop, or whatever it makes of it.</summary>
    private static readonly int[] Stops = [PosixProcess.SigTerm, PosixProcess.SigInt];

    private static readonly int[] Forwarded = [PosixProcess.SigHup, PosixProcess.SigQuit, PosixProcess.SigUsr1, PosixProcess.SigUsr2];

    public static Command Create()
    {
        var options = new SuperviseOptions();
        var command = new Command(Name, "Runs an engine inside its container: waits for its workers or its group, starts it anew when it ends or hangs, and tells how it is.");
        options.AddTo(command);
        command.SetAction((result, cancellationToken) => RunAsync(options, result, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(SuperviseOptions options, ParseResult result, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            throw new InputException("supervise runs on Linux, inside the engine's container.");
        if (options.CopyTo(result) is { } folder)
        {
            await result.InvocationConfiguration.Output.WriteLineAsync(ProgramCopy.To(ProgramCopy.Own(), folder));
            return ExitCodes.Success;
        }
        var settings = options.Read(result, Environment.GetEnvironmentVariable);
        var time = TimeProvider.System;
        var log = new SupervisorLog(Console.Error, time);
        var board = new SupervisorBoard();
        settings = TensorCache.Prepare(settings, board, log);
        using var descendants = new Descendants(adopt: true);
        // Of llama.cpp only the leader's words are read, for its buffers; workers write theirs themselves.
        var output = settings is { Engine: SupervisedEngine.LlamaCpp, Role: not SupervisorRole.Leader }
            ? null
            : new EngineOutput(new OutputWatch(settings.ApiKey, time), Console.OpenStandardOutput(), Console.OpenStandardError());
        if (settings.Engine == SupervisedEngine.LlamaCpp && output is not null)
            SayBuffers();
        using var supervisor = new Supervisor(settings, board, log, descendants, output, time);
        // Before anything that takes time: as PID 1 a process does not even get the signals that it has no handler for.
        var registrations = Stops.Select(signal => On(signal, supervisor.Stop)).Concat(Forwarded.Select(signal => On(signal, supervisor.Forward))).ToList();
        try
        {
            await using var server = await StatusServer.StartAsync(board, settings, output?.Watch, cancellationToken);
            return await supervisor.RunAsync();
        }
        catch (HostStartException exception)
        {
            throw new WorkFailedException(exception.Message, exception);
        }
        catch (CannotStartException exception)
        {
            log.Say(exception.Message);
            return exception.ExitCode;
        }
        finally
        {
            registrations.ForEach(registration => registration.Dispose());
        }
    }

    /// <summary>
    /// llama-server says nothing of its buffers (seen with build 11669) unless it is told to say more. The engine inherits the variable; a
    /// user's own, and options of the command line, stand.
    /// </summary>
    private static void SayBuffers()
    {
        const string Verbosity = "LLAMA_ARG_LOG_VERBOSITY";
        if (Environment.GetEnvironmentVariable(Verbosity) is null)
            Environment.SetEnvironmentVariable(Verbosity, "4");
    }

    private static PosixSignalRegistration On(int signal, Action<int> handle) => PosixSignalRegistration.Create(Number(signal), context =>
    {
        context.Cancel = true;
        handle(signal);
    });

    /// <summary>.NET has names of its own for the common signals, and takes the system's numbers for others.</summary>
    private static PosixSignal Number(int signal) => signal switch
    {
        PosixProcess.SigHup => PosixSignal.SIGHUP,
        PosixProcess.SigInt => PosixSignal.SIGINT,
        PosixProcess.SigQuit => PosixSignal.SIGQUIT,
        PosixProcess.SigTerm => PosixSignal.SIGTERM,
        _ => (PosixSignal)signal,
    };
}
