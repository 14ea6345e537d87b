using System.Net;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>Where webhooks are served and with which certificate.</summary>
public sealed record WebhookServerOptions
{
    /// <summary>The address; null for all, IPv4 and IPv6.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; } = 9443;

    /// <summary>
    /// The certificate in PEM, followed by those that sign it: <c>tls.crt</c> of a mounted kubernetes.io/tls Secret. Without files the server
    /// shows <see cref="Certificate"/>.
    /// </summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key in PEM: <c>tls.key</c>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>A certificate that the program itself keeps.</summary>
    public GivenCertificate? Certificate { get; init; }

    /// <summary>How often the files are read again.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest request in bytes. An AdmissionReview holds an object (3 MiB at most) twice.</summary>
    public long MaxRequestBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>How long one answer may take. API servers wait for 30 s at most.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
