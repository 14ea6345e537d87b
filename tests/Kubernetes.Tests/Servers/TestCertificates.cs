using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>An authority that certifies servers at 127.0.0.1 and clients.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _authority;

    /// <param name="name">Of the authority.</param>
    /// <param name="issuer">Who certifies the authority; null: it does so itself.</param>
    public TestCertificates(string name = "authority", TestCertificates? issuer = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (issuer is null)
        {
            _authority = request.CreateSelfSigned(From, Until);
            return;
        }

        using var certified = request.Create(issuer._authority, From, Until, RandomNumberGenerator.GetBytes(8));
        _authority = certified.CopyWithPrivateKey(key);
    }

    public string AuthorityPem => _authority.ExportCertificatePem();

    public X509Certificate2Collection Authorities => [X509CertificateLoader.LoadCertificate(_authority.RawData)];

    public X509Certificate2 CreateServer(string dnsName = "localhost")
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName(dnsName);
        var (certificate, key) = CreatePem("server", "1.3.6.1.5.5.7.3.1", names.Build());
        return X509Certificate2.CreateFromPem(certificate, key);
    }

    /// <summary>A client's certificate and key as PEM.</summary>
    public (string Certificate, string Key) CreateClientPem(string name) => CreatePem(name, "1.3.6.1.5.5.7.3.2", null);

    public void Dispose() => _authority.Dispose();

    private (string Certificate, string Key) CreatePem(string name, string purpose, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (names is not null) request.CertificateExtensions.Add(names);
        using var certificate = request.Create(_authority, From.AddDays(1), Until.AddDays(-1), RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
