using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Operator.Admission.Certificates;

/// <summary>
/// Decides what is to be renewed, by nothing but what the replicas share and the time. Two thirds of its life are what a certificate is used
/// for. A new authority stands beside the old one for a day before it signs, until every API server and replica has heard of it; and the old
/// one stays for a day after, until nobody shows its certificates any more. So there is never a moment at which a certificate is shown that
/// is not trusted. What holds in the future only is of a replica whose clock runs ahead, and is replaced at once.
/// </summary>
internal static class CertificateRotation
{
    public static readonly TimeSpan LeafLife = TimeSpan.FromDays(90);
    public static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);

    /// <summary>How long it takes at most until everybody has heard of a change.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <summary>However often somebody damages the Secret, the bundle stays small.</summary>
    private const int MostAuthorities = 3;

    /// <summary>The next step; null when nothing is to be done.</summary>
    /// <param name="material">What is shared now; null when there is nothing.</param>
    /// <param name="names">The DNS names that the certificate must be for, the one that API servers use first.</param>
    /// <param name="now">The present.</param>
    public static (CertificateMaterial Material, string Reason)? Next(CertificateMaterial? material, IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var read = ReadMaterial.Of(material);
        var valid = read.Authorities.Where(authority => now < End(authority)).ToList();
        if (material is null || !read.Signs || !Holds(read.Authorities[0], now))
        {
            var reason = material is null ? "there was none"
                : !read.Signs ? "it could not be used to sign"
                : now < Begin(read.Authorities[0]) ? "its authority does not hold yet"
                : "its authority has expired";
            return (NewAuthority(material, read, valid, names, now), reason);
        }
        var authority = read.Authorities[0];
        if (now >= TwoThirds(authority))
            return (NewAuthority(material, read, valid, names, now), "its authority nears its end");
        if (read.Leaf is not { } leaf)
            return (NewLeaf(material, names, now), "the certificate or its key could not be used");
        if (!Holds(leaf, now))
            return (NewLeaf(material, names, now), now < Begin(leaf) ? "the certificate does not hold yet" : "the certificate has expired");
        if (!names.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(read.Names))
            return (NewLeaf(material, names, now), "the names have changed");
        if (read.Signer > 0)
            return Age(authority, now) >= Overlap ? (NewLeaf(material, names, now), "a newer authority signs now") : null;
        if (now >= TwoThirds(leaf))
            return (NewLeaf(material, names, now), "two thirds of its life have passed");
        return material.Authorities.Length > 1 && Age(leaf, now) >= Overlap
            ? (material with { Authorities = [material.Authorities[0]] }, "nobody shows certificates of the older authorities any more")
            : null;
    }

    /// <summary>A certificate that holds and that an authority of the bundle signed is shown on, whatever else is wrong.</summary>
    private static CertificateMaterial NewAuthority(
        CertificateMaterial? material, ReadMaterial read, List<X509Certificate2> older, IReadOnlyList<string> names, DateTimeOffset now)
    {
        var (certificate, key) = CertificateIssuer.Authority(now, AuthorityLife);
        var next = new CertificateMaterial(
            [certificate, .. older.Select(authority => authority.ExportCertificatePem()).Take(MostAuthorities - 1)],
            key,
            material?.Certificate ?? "",
            material?.Key ?? "");
        var stays = read.Leaf is { } leaf && Holds(leaf, now) && older.Take(MostAuthorities - 1).Any(authority => authority.Equals(read.Authorities[read.Signer]));
        return stays ? next : NewLeaf(next, names, now);
    }

    private static CertificateMaterial NewLeaf(CertificateMaterial material, IReadOnlyList<string> names, DateTimeOffset now)
    {
        var (certificate, key) = CertificateIssuer.Leaf(material.Authorities[0], material.AuthorityKey, names, now, LeafLife);
        return material with { Certificate = certificate, Key = key };
    }

    private static TimeSpan Age(X509Certificate2 certificate, DateTimeOffset now) => now - (new DateTimeOffset(certificate.NotBefore) + CertificateIssuer.Backdate);

    private static bool Holds(X509Certificate2 certificate, DateTimeOffset now) => now >= Begin(certificate) && now < End(certificate);

    private static DateTimeOffset Begin(X509Certificate2 certificate) => new(certificate.NotBefore);

    private static DateTimeOffset End(X509Certificate2 certificate) => new(certificate.NotAfter);

    private static DateTimeOffset TwoThirds(X509Certificate2 certificate) =>
        new DateTimeOffset(certificate.NotBefore) + ((certificate.NotAfter - certificate.NotBefore) * 2 / 3);
}
