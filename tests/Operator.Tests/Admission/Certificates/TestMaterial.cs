using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuStack.Operator.Admission.Certificates;

namespace GpuStack.Operator.Tests.Admission.Certificates;

/// <summary>Material that is in order, and not as the operator would make it.</summary>
internal static class TestMaterial
{
    /// <summary>An authority with an RSA key, as openssl and helm make them, and a certificate that it signed.</summary>
    public static CertificateMaterial SignedByRsa(IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=foreign", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(100));
        using var leafKey = RSA.Create(2048);
        var leaf = new CertificateRequest("CN=hook", leafKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        leaf.CertificateExtensions.Add(alternatives.Build());
        using var signed = leaf.Create(authority, now.AddHours(-1), now.AddDays(50), [1]);
        return new CertificateMaterial([authority.ExportCertificatePem()], key.ExportPkcs8PrivateKeyPem(), signed.ExportCertificatePem(), leafKey.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>An authority that the operator could sign with, but for one thing.</summary>
    public static CertificateMaterial WithAuthority(DateTimeOffset now, bool hasKeyIdentifier = true, X509KeyUsageFlags? usage = null, TimeSpan? age = null, TimeSpan? life = null, bool isAuthority = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=foreign", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (hasKeyIdentifier)
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (usage is { } flags)
            request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
        using var authority = request.CreateSelfSigned(now - (age ?? TimeSpan.FromHours(1)), now + (life ?? TimeSpan.FromDays(1000)));
        return new CertificateMaterial([authority.ExportCertificatePem()], key.ExportPkcs8PrivateKeyPem(), "", "");
    }
}
