namespace GpuStack.Operator.Supervision.Processes;

/// <summary>The engine's program cannot be run at all; trying again would not help.</summary>
internal sealed class CannotStartException(int exitCode, string message) : Exception(message)
{
    /// <summary>As shells say it: 127 there is no such program, 126 it cannot be executed.</summary>
    public int ExitCode { get; } = exitCode;
}
