using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Operator.Admission.Certificates;

/// <summary>Makes authorities and certificates: ECDSA on P-256, which every API server knows.</summary>
internal static class CertificateIssuer
{
    /// <summary>Certificates hold from a while before they are made, for clocks differ.</summary>
    public static readonly TimeSpan Backdate = TimeSpan.FromHours(1);

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>An authority and its key, in PEM.</summary>
    public static (string Certificate, string Key) Authority(DateTimeOffset now, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Each has a name of its own: two of them stand in one bundle.
        var name = $"CN=gpustack-operator-webhook-ca-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - Backdate, now + life);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A certificate for DNS names, signed by an authority; it ends with the authority at the latest.</summary>
    public static (string Certificate, string Key) Leaf(string authority, string authorityKey, IReadOnlyList<string> names, DateTimeOffset now, TimeSpan life)
    {
        using var issuer = X509Certificate2.CreateFromPem(authority, authorityKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var from = Later(now - Backdate, new DateTimeOffset(issuer.NotBefore));
        var until = Earlier(now + life, new DateTimeOffset(issuer.NotAfter));
        using var certificate = request.Create(issuer, from, until, RandomNumberGenerator.GetBytes(16));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
