namespace GpuStack.Simulator.Cluster.Kubelets.Containers;

/// <summary>How a container ended.</summary>
/// <param name="ExitCode">128 + n for signal n.</param>
/// <param name="Reason">Completed, Error, OOMKilled or Unknown.</param>
/// <param name="Message">Its termination message; null for none.</param>
internal sealed record Termination(int ExitCode, string Reason, string? Message)
{
    public DateTimeOffset Started { get; init; }

    public DateTimeOffset Finished { get; init; }

    /// <summary>Which of the container's runs it was, from 0.</summary>
    public int Run { get; init; }

    public static Termination Completed { get; } = new(0, "Completed", null);

    public static Termination OutOfMemory { get; } = new(137, "OOMKilled", null);

    /// <summary>What a container runtime says of containers that a reboot ended.</summary>
    public static Termination Rebooted { get; } = new(255, "Unknown", null);

    /// <summary>The longest termination message that a kubelet keeps.</summary>
    public const int MaxMessage = 4096;

    public static Termination Crash(int exitCode, string? message) =>
        new(exitCode, exitCode == 0 ? "Completed" : "Error", message?.Length > MaxMessage ? message[..MaxMessage] : message);
}
