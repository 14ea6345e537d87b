using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Client;

/// <summary>How a client talks to its server.</summary>
public sealed record KubernetesClientOptions
{
    /// <summary>How long a connection with requests on it may be silent before it is asked for a sign of life. 30 s; at least 1 s.</summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long that sign may take before the connection counts as dead and its requests and watches end. 15 s; at least 1 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long opening a connection may take. 30 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Requests a second, a watch counting once when it is opened; further ones wait. Null, the default: no limit. Servers
    /// since 1.30, the oldest that is supported, share out their capacity themselves (API priority and fairness); a limit
    /// here is for servers where that is switched off.
    /// </summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Requests that may be sent at once after a pause; null: twice <see cref="RequestsPerSecond"/>.</summary>
    public int? RequestBurst { get; init; }

    /// <summary>How often a request is sent at most while the server answers 429 or 5xx with Retry-After. 10; 1: never again.</summary>
    public int MaxTries { get; init; } = 10;

    /// <summary>An answer that asks for a longer wait is handed on as a failure. 30 s.</summary>
    public TimeSpan MaxRetryWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where retries and failing renewals of credentials are told; by default nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
