namespace GpuStack.Kubernetes.Models;

/// <summary>One container; with RestartPolicy Always among the init containers it is a sidecar.</summary>
public sealed class V1Container
{
    public string? Name { get; set; }

    public string? Image { get; set; }

    public List<string>? Command { get; set; }

    public List<string>? Args { get; set; }

    public string? WorkingDir { get; set; }

    public List<V1ContainerPort>? Ports { get; set; }

    public List<V1EnvFromSource>? EnvFrom { get; set; }

    public List<V1EnvVar>? Env { get; set; }

    public V1ResourceRequirements? Resources { get; set; }

    public List<V1ContainerResizePolicy>? ResizePolicy { get; set; }

    public string? RestartPolicy { get; set; }

    public List<V1VolumeMount>? VolumeMounts { get; set; }

    public List<V1VolumeDevice>? VolumeDevices { get; set; }

    public V1Probe? LivenessProbe { get; set; }

    public V1Probe? ReadinessProbe { get; set; }

    public V1Probe? StartupProbe { get; set; }

    public V1Lifecycle? Lifecycle { get; set; }

    public string? TerminationMessagePath { get; set; }

    public string? TerminationMessagePolicy { get; set; }

    public string? ImagePullPolicy { get; set; }

    public V1SecurityContext? SecurityContext { get; set; }

    public bool? Stdin { get; set; }

    public bool? StdinOnce { get; set; }

    public bool? Tty { get; set; }
}

public sealed class V1ContainerPort
{
    public string? Name { get; set; }

    public int? HostPort { get; set; }

    public int? ContainerPort { get; set; }

    public string? Protocol { get; set; }

    public string? HostIP { get; set; }
}

public sealed class V1ContainerResizePolicy
{
    public string? ResourceName { get; set; }

    public string? RestartPolicy { get; set; }
}

public sealed class V1VolumeMount
{
    public string? Name { get; set; }

    public bool? ReadOnly { get; set; }

    public string? RecursiveReadOnly { get; set; }

    public string? MountPath { get; set; }

    public string? SubPath { get; set; }

    public string? MountPropagation { get; set; }

    public string? SubPathExpr { get; set; }
}

public sealed class V1VolumeDevice
{
    public string? Name { get; set; }

    public string? DevicePath { get; set; }
}

public sealed class V1Lifecycle
{
    public V1LifecycleHandler? PostStart { get; set; }

    public V1LifecycleHandler? PreStop { get; set; }

    public string? StopSignal { get; set; }
}

public sealed class V1LifecycleHandler
{
    public V1ExecAction? Exec { get; set; }

    public V1HTTPGetAction? HttpGet { get; set; }

    public V1TCPSocketAction? TcpSocket { get; set; }

    public V1SleepAction? Sleep { get; set; }
}

public sealed class V1SleepAction
{
    public long? Seconds { get; set; }
}
