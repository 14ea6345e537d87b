using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>What the kubelet and the scheduler say of a pod.</summary>
public sealed class V1PodStatus
{
    public long? ObservedGeneration { get; set; }

    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    public string? Phase { get; set; }

    public List<V1PodCondition>? Conditions { get; set; }

    public string? Message { get; set; }

    public string? Reason { get; set; }

    public string? NominatedNodeName { get; set; }

    public string? HostIP { get; set; }

    public List<V1HostIP>? HostIPs { get; set; }

    public string? PodIP { get; set; }

    public List<V1PodIP>? PodIPs { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? StartTime { get; set; }

    public List<V1ContainerStatus>? InitContainerStatuses { get; set; }

    public List<V1ContainerStatus>? ContainerStatuses { get; set; }

    public List<V1ContainerStatus>? EphemeralContainerStatuses { get; set; }

    public string? QosClass { get; set; }

    public string? Resize { get; set; }
}

public sealed class V1HostIP
{
    public string? Ip { get; set; }
}

public sealed class V1PodIP
{
    public string? Ip { get; set; }
}

/// <summary>One aspect of a pod: PodScheduled, Initialized, ContainersReady, Ready, ...</summary>
public sealed class V1PodCondition
{
    public string? Type { get; set; }

    public long? ObservedGeneration { get; set; }

    public string? Status { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? LastProbeTime { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }
}

/// <summary>A container's state and history.</summary>
public sealed class V1ContainerStatus
{
    public string? Name { get; set; }

    public V1ContainerState? State { get; set; }

    public V1ContainerState? LastState { get; set; }

    public bool? Ready { get; set; }

    public int? RestartCount { get; set; }

    public string? Image { get; set; }

    public string? ImageID { get; set; }

    public string? ContainerID { get; set; }

    public bool? Started { get; set; }

    public Dictionary<string, Quantity>? AllocatedResources { get; set; }

    public V1ResourceRequirements? Resources { get; set; }
}

/// <summary>Exactly one of the three is set.</summary>
public sealed class V1ContainerState
{
    public V1ContainerStateWaiting? Waiting { get; set; }

    public V1ContainerStateRunning? Running { get; set; }

    public V1ContainerStateTerminated? Terminated { get; set; }
}

/// <summary>Not started; reasons such as ContainerCreating, ImagePullBackOff, CrashLoopBackOff.</summary>
public sealed class V1ContainerStateWaiting
{
    public string? Reason { get; set; }

    public string? Message { get; set; }
}

public sealed class V1ContainerStateRunning
{
    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? StartedAt { get; set; }
}

/// <summary>Ended; reasons such as Completed, Error, OOMKilled.</summary>
public sealed class V1ContainerStateTerminated
{
    public int? ExitCode { get; set; }

    public int? Signal { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? StartedAt { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? FinishedAt { get; set; }

    public string? ContainerID { get; set; }
}
