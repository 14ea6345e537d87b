namespace GpuStack.Operator.Supervision.Processes;

/// <summary>How the engine ended.</summary>
/// <param name="ExitCode">As a shell tells it: 128 + n for signal n.</param>
internal readonly record struct EngineExit(int ExitCode)
{
    private const int SignalBase = 128;
    private const int LastSignal = 64;

    /// <summary>The signal that ended it; null when it exited by itself.</summary>
    public int? Signal => ExitCode is > SignalBase and <= SignalBase + LastSignal ? ExitCode - SignalBase : null;

    public override string ToString() => Signal is { } signal ? $"ended by signal {signal}" : $"exited with {ExitCode}";
}
