using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using GpuStack.Operator.Supervision.Output;

namespace GpuStack.Operator.Supervision.Processes;

/// <summary>The engine: a child that has this process's standard streams, by way of pipes when its output is watched, environment and folder.</summary>
internal sealed class EngineProcess : IDisposable
{
    private readonly Process _process;

    private EngineProcess(Process process, DateTimeOffset startTime)
    {
        _process = process;
        Id = process.Id;
        StartTime = startTime;
        Exited = WaitAsync();
    }

    public int Id { get; }

    /// <summary>In whole microseconds, so that it survives being written and read.</summary>
    public DateTimeOffset StartTime { get; }

    /// <summary>Completes when the engine has ended; never fails.</summary>
    public Task<EngineExit> Exited { get; }

    /// <param name="command">The program and its arguments.</param>
    /// <param name="output">Passes its output on; null gives it this process's streams themselves.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CannotStartException">There is no such program, or it cannot be executed.</exception>
    public static EngineProcess Start(ImmutableArray<string> command, EngineOutput? output, TimeProvider time)
    {
        var file = CommandPath.Find(command[0], Environment.GetEnvironmentVariable("PATH"))
            ?? throw new CannotStartException(127, $"'{command[0]}' is not found in PATH; is it in the image?");
        var start = new ProcessStartInfo(file) { UseShellExecute = false, RedirectStandardOutput = output is not null, RedirectStandardError = output is not null };
        foreach (var argument in command.AsSpan()[1..])
            start.ArgumentList.Add(argument);
        var now = time.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        try
        {
            var process = Process.Start(start) ?? throw new CannotStartException(126, $"'{file}' did not start.");
            output?.Start(process.StandardOutput.BaseStream, process.StandardError.BaseStream);
            return new EngineProcess(process, now);
        }
        catch (Win32Exception exception)
        {
            throw new CannotStartException(126, $"'{file}' cannot be executed: {exception.Message}");
        }
    }

    /// <summary>Does nothing once it has ended: its id may be another process's by then.</summary>
    public void Signal(int signal)
    {
        if (!Exited.IsCompleted && !_process.HasExited)
            PosixProcess.Signal(Id, signal);
    }

    public void Dispose() => _process.Dispose();

    private async Task<EngineExit> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return new EngineExit(_process.ExitCode);
    }
}
