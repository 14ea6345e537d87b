namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>How long things take on the simulated nodes. All zero by default: pods become Ready at once.</summary>
public sealed record KubeletBehaviour
{
    /// <summary>Whether there are kubelets at all; false: a control plane with node objects on which nobody acts.</summary>
    public bool Present { get; init; } = true;

    /// <summary>From being bound to the containers' start: image pulls and init containers.</summary>
    public TimeSpan PullTime { get; init; }

    /// <summary>From the containers' start to Ready: loading the model.</summary>
    public TimeSpan StartTime { get; init; }

    /// <summary>From the request to delete a pod to its end; never longer than its grace period.</summary>
    public TimeSpan TerminationTime { get; init; }

    /// <summary>How long a crashed container stays down before it is started again.</summary>
    public TimeSpan RestartTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From a node's failure to its Ready=Unknown (40 s in a real cluster).</summary>
    public TimeSpan NodeMonitorGrace { get; init; }

    /// <summary>Whether the kubelets write events (Pulled, Started, Killing).</summary>
    public bool RecordEvents { get; init; } = true;
}
