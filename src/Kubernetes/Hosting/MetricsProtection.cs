using GpuStack.Kubernetes.Access;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>Serves <c>/metrics</c> over TLS, and only to those that are let in.</summary>
public sealed record MetricsProtection
{
    /// <summary>Decides on a request by its Authorization header, which is null without one.</summary>
    public required Func<string?, CancellationToken, Task<AccessVerdict>> JudgeAsync { get; init; }

    /// <summary>The certificate in PEM, followed by those that sign it; null, as <see cref="KeyFile"/>, for one that is made at the start and kept in memory.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key in PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>How often the files are read again.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(10);
}
