using System.Security.Cryptography.X509Certificates;
using GpuStack.Kubernetes.Client.Credentials;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Logging;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>
/// What new connections are to be made with: certificate files and the certificate authority's file are read again after a
/// minute, a plugin's certificate is as fresh as its credential. A pair that does not match is one that is being written:
/// the old one serves on.
/// </summary>
internal sealed class TlsMaterialSource : IDisposable
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly ICredentialSource _credentials;
    private readonly SingleFlight<X509Certificate2Collection>? _authorities;
    private readonly SingleFlight<ClientCertificate>? _certificate;
    private readonly TlsMaterial _first;
    private readonly bool _asksPlugin;

    // The last answer: as long as nothing changes it is the same object, and comparing costs nothing.
    private TlsMaterial _last;

    public TlsMaterialSource(KubernetesClientConfiguration configuration, ICredentialSource credentials, TimeProvider time, ILogger logger)
    {
        _credentials = credentials;
        _asksPlugin = configuration.Exec is not null;
        var pair = configuration.ClientCertificate is { } certificate ? new ClientCertificate(certificate, configuration.ClientCertificateChain) : null;
        _first = _last = new TlsMaterial(configuration.CertificateAuthorities, pair);
        if (configuration.CertificateAuthoritySource is { Path: { } file } authority && configuration.CertificateAuthorities is { } authorities)
        {
            _authorities = new SingleFlight<X509Certificate2Collection>(
                Loaded(authorities, time),
                (last, _) => Task.FromResult(Loaded(Keep(last!, CertificateAuthorities.FromPem(authority.Read())), time)),
                time,
                e => Log.CertificateRenewalFailed(logger, file, e.Message));
        }

        if (configuration.ClientCertificateSource is { CanChange: true } source && pair is not null)
        {
            _certificate = new SingleFlight<ClientCertificate>(
                Loaded(pair, time),
                (last, _) => Task.FromResult(Loaded(Keep(last!, ClientCertificate.FromPem(source.Certificate.Read(), source.Key.Read())), time)),
                time,
                e => Log.CertificateRenewalFailed(logger, source.Certificate.Path ?? source.Key.Path, e.Message));
        }
    }

    /// <exception cref="KubernetesCredentialException">The plugin gave no certificate.</exception>
    public async ValueTask<TlsMaterial> ReadAsync(CancellationToken cancellationToken)
    {
        var authorities = _authorities is null ? _first.Authorities : await _authorities.GetAsync(cancellationToken).ConfigureAwait(false);
        var certificate = _first.Certificate;
        if (_certificate is not null) certificate = await _certificate.GetAsync(cancellationToken).ConfigureAwait(false);
        else if (_asksPlugin) certificate = (await _credentials.ReadAsync(cancellationToken).ConfigureAwait(false)).Certificate ?? certificate;
        var last = Volatile.Read(ref _last);
        if (ReferenceEquals(last.Authorities, authorities) && ReferenceEquals(last.Certificate, certificate)) return last;
        var next = new TlsMaterial(authorities, certificate);
        Volatile.Write(ref _last, next);
        return next;
    }

    public void Dispose()
    {
        _authorities?.Dispose();
        _certificate?.Dispose();
    }

    private static Fresh<T> Loaded<T>(T value, TimeProvider time) => new(value, time.GetUtcNow() + MaxAge, UsableUntil: null);

    private static X509Certificate2Collection Keep(X509Certificate2Collection last, X509Certificate2Collection read) => TlsMaterial.IsSame(last, read) ? last : read;

    private static ClientCertificate Keep(ClientCertificate last, ClientCertificate read) => TlsMaterial.IsSame(last, read) ? last : read;
}
