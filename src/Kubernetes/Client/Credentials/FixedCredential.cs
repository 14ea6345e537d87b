namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>Credentials that do not change.</summary>
internal sealed class FixedCredential(Credential credential) : ICredentialSource
{
    public ValueTask<Credential> ReadAsync(CancellationToken cancellationToken) => new(credential);

    public ValueTask<Credential?> RenewAsync(Credential refused, CancellationToken cancellationToken) => default;

    public void Dispose()
    {
    }
}
