using System.Collections.Immutable;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>How long things take on the simulated nodes. All zero by default: pods become Ready at once.</summary>
public sealed record KubeletBehaviour
{
    /// <summary>The times of a real cluster, for a virtual clock: images of minutes, models of half an hour.</summary>
    public static KubeletBehaviour Realistic { get; } = new()
    {
        PullTime = TimeSpan.FromMinutes(2),
        InitTime = TimeSpan.FromSeconds(2),
        StartTime = TimeSpan.FromMinutes(5),
        TerminationTime = TimeSpan.FromSeconds(3),
        NodeMonitorGrace = TimeSpan.FromSeconds(50),
    };

    /// <summary>Whether there are kubelets at all; false: a control plane with node objects on which nobody acts.</summary>
    public bool Present { get; init; } = true;

    /// <summary>To pull an image that its node does not have.</summary>
    public TimeSpan PullTime { get; init; }

    /// <summary>The same by image reference, where an image takes another time.</summary>
    public ImmutableDictionary<string, TimeSpan> PullTimes { get; init; } = ImmutableDictionary<string, TimeSpan>.Empty;

    /// <summary>How long an init container runs.</summary>
    public TimeSpan InitTime { get; init; }

    /// <summary>The same by container name, such as hours for <c>fetch</c>.</summary>
    public ImmutableDictionary<string, TimeSpan> InitTimes { get; init; } = ImmutableDictionary<string, TimeSpan>.Empty;

    /// <summary>How long a container runs, and then succeeds, in a pod that is not always restarted; null: until it is made to end.</summary>
    public TimeSpan? WorkTime { get; init; }

    /// <summary>From the start of a container, or of a supervised engine, to Ready: loading the model. A llama.cpp worker loads nothing by itself.</summary>
    public TimeSpan StartTime { get; init; }

    /// <summary>From the request to delete a pod to its end; never longer than its grace period.</summary>
    public TimeSpan TerminationTime { get; init; }

    /// <summary>How long a container that crashed for the first time stays down; afterwards the kubelet backs off, from 10 s to 5 minutes.</summary>
    public TimeSpan RestartTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From a node's failure to its Ready=Unknown (50 s in a real cluster).</summary>
    public TimeSpan NodeMonitorGrace { get; init; }

    /// <summary>Whether the kubelets write events (Pulled, Started, Killing).</summary>
    public bool RecordEvents { get; init; } = true;

    internal TimeSpan PullTimeOf(string image) => PullTimes.GetValueOrDefault(image, PullTime);

    internal TimeSpan InitTimeOf(string container) => InitTimes.GetValueOrDefault(container, InitTime);
}
