namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>Where credentials come from.</summary>
internal interface ICredentialSource : IDisposable
{
    /// <exception cref="KubernetesCredentialException">There are none.</exception>
    ValueTask<Credential> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Others than those that the server refused; null when there are none.</summary>
    /// <exception cref="KubernetesCredentialException">They cannot be read.</exception>
    ValueTask<Credential?> RenewAsync(Credential refused, CancellationToken cancellationToken);
}
