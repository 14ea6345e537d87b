namespace GpuStack.Kubernetes.Hosting;

/// <summary>What a server shows in TLS handshakes, kept up to date by somebody.</summary>
internal interface IServingCertificates
{
    /// <summary>What to show; null when there is nothing yet, and handshakes fail.</summary>
    ServingCertificate? Current { get; }

    /// <summary>For readiness: what is wrong with the certificate now; null when it holds.</summary>
    string? Check();

    /// <summary>Gets the first one, where the server should not start without.</summary>
    /// <exception cref="HostStartException">There is none.</exception>
    Task LoadAsync(CancellationToken cancellationToken);

    /// <summary>Looks for newer ones until cancelled.</summary>
    Task FollowAsync(CancellationToken cancellationToken);
}
