namespace GpuStack.Kubernetes.Models;

/// <summary>How a container's health is asked; times in seconds.</summary>
public sealed class V1Probe
{
    public V1ExecAction? Exec { get; set; }

    public V1HTTPGetAction? HttpGet { get; set; }

    public V1TCPSocketAction? TcpSocket { get; set; }

    public V1GRPCAction? Grpc { get; set; }

    public int? InitialDelaySeconds { get; set; }

    public int? TimeoutSeconds { get; set; }

    public int? PeriodSeconds { get; set; }

    public int? SuccessThreshold { get; set; }

    public int? FailureThreshold { get; set; }

    public long? TerminationGracePeriodSeconds { get; set; }
}

public sealed class V1ExecAction
{
    public List<string>? Command { get; set; }
}

public sealed class V1HTTPGetAction
{
    public string? Path { get; set; }

    public IntOrString? Port { get; set; }

    public string? Host { get; set; }

    public string? Scheme { get; set; }

    public List<V1HTTPHeader>? HttpHeaders { get; set; }
}

public sealed class V1HTTPHeader
{
    public string? Name { get; set; }

    public string? Value { get; set; }
}

public sealed class V1TCPSocketAction
{
    public IntOrString? Port { get; set; }

    public string? Host { get; set; }
}

public sealed class V1GRPCAction
{
    public int? Port { get; set; }

    public string? Service { get; set; }
}
