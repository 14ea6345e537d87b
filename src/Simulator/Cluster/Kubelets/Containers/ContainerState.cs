namespace GpuStack.Simulator.Cluster.Kubelets.Containers;

/// <summary>A container as its kubelet knows it.</summary>
internal sealed record ContainerState
{
    public static ContainerState New { get; } = new();

    public ContainerPhase Phase { get; init; }

    /// <summary>Since when it is in its phase; in Running the start of the process.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When the phase ends by itself; null for never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Starts after the first.</summary>
    public int Restarts { get; init; }

    /// <summary>Whether it has ever run.</summary>
    public bool HasRun { get; init; }

    /// <summary>How it last ended.</summary>
    public Termination? Last { get; init; }

    /// <summary>What a program that is not supervised becomes ready at.</summary>
    public DateTimeOffset ReadyAt { get; init; }

    /// <summary>The waits after crashes.</summary>
    public Backoff Crashes { get; init; }

    /// <summary>The waits after failed pulls.</summary>
    public Backoff Pulls { get; init; }

    /// <summary>Why the last pull failed, in the runtime's words.</summary>
    public string? PullError { get; init; }

    /// <summary>An init container that did its work, or a container that is not started again.</summary>
    public bool IsOver => Phase == ContainerPhase.Ended && Until is null;

    public bool IsRunning => Phase == ContainerPhase.Running;
}
