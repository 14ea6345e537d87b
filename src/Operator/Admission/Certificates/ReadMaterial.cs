using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Operator.Admission.Certificates;

/// <summary>Material as far as it can be used: a damaged or foreign Secret may still hold parts that others rely on.</summary>
internal sealed class ReadMaterial : IDisposable
{
    private ReadMaterial(ImmutableArray<X509Certificate2> authorities, bool signs, X509Certificate2? leaf, int signer)
    {
        Authorities = authorities;
        Signs = signs;
        Leaf = leaf;
        Signer = signer;
    }

    /// <summary>The authorities that could be read.</summary>
    public ImmutableArray<X509Certificate2> Authorities { get; }

    /// <summary>Whether the first authority's key is there, and such that <see cref="CertificateIssuer"/> can sign with it.</summary>
    public bool Signs { get; }

    /// <summary>The certificate with its key; null when the two do not fit, or no authority has signed it.</summary>
    public X509Certificate2? Leaf { get; }

    /// <summary>The index of the authority that signed <see cref="Leaf"/>; -1 without one.</summary>
    public int Signer { get; }

    public static ReadMaterial Of(CertificateMaterial? material)
    {
        if (material is null)
            return new ReadMaterial([], signs: false, null, -1);
        var authorities = material.Authorities.Select(text => Try(() => X509Certificate2.CreateFromPem(text))).OfType<X509Certificate2>()
            .Where(certificate => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(basic => basic.CertificateAuthority))
            .ToImmutableArray();
        using var signing = Try(() => X509Certificate2.CreateFromPem(material.Authorities[0], material.AuthorityKey));
        var signs = signing is not null && !authorities.IsEmpty && signing.Equals(authorities[0]) && CanSign(signing);
        var leaf = Try(() => X509Certificate2.CreateFromPem(material.Certificate, material.Key));
        var signer = leaf is null ? -1 : Signature(leaf, authorities);
        if (signer >= 0)
            return new ReadMaterial(authorities, signs, leaf, signer);
        leaf?.Dispose();
        return new ReadMaterial(authorities, signs, null, -1);
    }

    private static bool CanSign(X509Certificate2 authority)
    {
        using var key = authority.GetECDsaPrivateKey();
        return key is not null
            && authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any()
            && authority.Extensions.OfType<X509KeyUsageExtension>().All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign));
    }

    /// <summary>The DNS names that the certificate is for.</summary>
    public IEnumerable<string> Names =>
        Leaf?.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames()) ?? [];

    public void Dispose()
    {
        Leaf?.Dispose();
        foreach (var authority in Authorities)
            authority.Dispose();
    }

    private static int Signature(X509Certificate2 leaf, ImmutableArray<X509Certificate2> authorities)
    {
        for (var i = 0; i < authorities.Length; i++)
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authorities[i]);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            // Who signed it, not whether it still holds.
            chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
            if (chain.Build(leaf))
                return i;
        }
        return -1;
    }

    private static X509Certificate2? Try(Func<X509Certificate2> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return null;
        }
    }
}
