namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>Credentials that are read anew when their time has come, or when the server refuses them.</summary>
internal sealed class RenewableCredential(SingleFlight<Credential> value, TimeProvider time) : ICredentialSource
{
    /// <summary>A server that refuses everything must not make us run a plugin for each of its answers.</summary>
    private static readonly TimeSpan RenewalPause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long? _renewedAt;

    public ValueTask<Credential> ReadAsync(CancellationToken cancellationToken) => value.GetAsync(cancellationToken);

    public async ValueTask<Credential?> RenewAsync(Credential refused, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (ReferenceEquals(value.Current, refused))
            {
                if (_renewedAt is { } at && time.GetElapsedTime(at) < RenewalPause) return null;
                _renewedAt = time.GetTimestamp();
                value.Discard(refused);
            }
        }

        var renewed = await value.GetAsync(cancellationToken).ConfigureAwait(false);
        return renewed.IsSameAs(refused) ? null : renewed;
    }

    public void Dispose() => value.Dispose();
}
