using System.Net;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>Where health and metrics are served. Nothing listens but what is asked for here.</summary>
public sealed record HealthServerOptions
{
    /// <summary>The address of both listeners; null for all, IPv4 and IPv6.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port of the health endpoints; 0 takes a free one, null serves none.</summary>
    public int? Port { get; init; } = 8081;

    /// <summary>The port of <c>/metrics</c>; null for the same as <see cref="Port"/>, 0 takes a free one.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>What <c>/metrics</c> answers; null serves no metrics.</summary>
    public MetricsSource? Metrics { get; init; }

    /// <summary>Who may read the metrics, on a port of their own; null for everybody, without TLS.</summary>
    public MetricsProtection? Protection { get; init; }

    /// <summary>How long one answer may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
