using System.Security.Cryptography.X509Certificates;
using GpuStack.Operator.Admission.Certificates;

namespace GpuStack.Operator.Tests.Admission.Certificates;

public class CertificateRotationTests
{
    private static readonly string[] Names = ["hook.ns.svc", "hook"];
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_certificate_is_for_the_Service_and_trusted_by_its_authority()
    {
        var (material, reason) = CertificateRotation.Next(null, Names, Start)!.Value;

        Assert.Equal("there was none", reason);
        using var leaf = X509Certificate2.CreateFromPem(material.Certificate, material.Key);
        using var authority = X509Certificate2.CreateFromPem(material.Authorities.Single(), material.AuthorityKey);
        Assert.True(leaf.MatchesHostname("hook.ns.svc", allowWildcards: false, allowCommonName: false));
        Assert.Equal((90, 3650), ((int)Math.Round((leaf.NotAfter - Start.UtcDateTime.ToLocalTime()).TotalDays), (int)Math.Round((authority.NotAfter - Start.UtcDateTime.ToLocalTime()).TotalDays)));
        Assert.Equal(("1.2.840.10045.2.1", 256), (leaf.GetKeyAlgorithm(), leaf.GetECDsaPublicKey()!.KeySize));
        Assert.Contains("1.3.6.1.5.5.7.3.1", leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.OfType<System.Security.Cryptography.Oid>().Select(usage => usage.Value));
        Assert.True(IsTrusted(material, material, Start));
        Assert.Null(CertificateRotation.Next(material, Names, Start));
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(61, true)]
    public void Two_thirds_of_its_life_are_what_a_certificate_is_used_for(int days, bool isRenewed)
    {
        var first = CertificateRotation.Next(null, Names, Start)!.Value.Material;

        var next = CertificateRotation.Next(first, Names, Start.AddDays(days));

        Assert.Equal(isRenewed, next is not null);
        if (next is { } step)
        {
            Assert.Equal(first.Authorities, step.Material.Authorities);
            Assert.NotEqual(first.Certificate, step.Material.Certificate);
            Assert.NotEqual(first.Key, step.Material.Key);
            Assert.Null(CertificateRotation.Next(step.Material, Names, Start.AddDays(days)));
        }
    }

    [Fact]
    public void Other_names_ask_for_another_certificate_of_the_same_authority()
    {
        var first = CertificateRotation.Next(null, Names, Start)!.Value.Material;

        var next = CertificateRotation.Next(first, ["other.ns.svc", "other"], Start.AddDays(1))!.Value.Material;

        Assert.Equal(first.Authorities, next.Authorities);
        using var leaf = X509Certificate2.CreateFromPem(next.Certificate);
        Assert.True(leaf.MatchesHostname("other.ns.svc", allowWildcards: false, allowCommonName: false));
    }

    // Replicas and API servers hear of a change a while later, each in its own time: whatever a replica shows, everybody trusts it.
    [Fact]
    public void Over_fifteen_years_nothing_is_ever_shown_that_is_not_trusted_by_whoever_lags_behind()
    {
        var random = new Random(7);
        var history = new List<(DateTimeOffset At, CertificateMaterial Material)>();
        var now = Start;
        CertificateMaterial? material = null;
        var authorities = new HashSet<string>(StringComparer.Ordinal);
        var most = 0;
        while (now < Start.AddYears(15))
        {
            while (CertificateRotation.Next(material, Names, now) is { } step)
            {
                material = step.Material;
                history.Add((now, material));
                authorities.UnionWith(material.Authorities);
                most = Math.Max(most, material.Authorities.Length);
            }

            var lag = CertificateRotation.Overlap - TimeSpan.FromMinutes(1);
            var recent = history.Where((entry, i) => i == history.Count - 1 || history[i + 1].At > now - lag).Select(entry => entry.Material).ToList();
            if (history[0].At < now - lag)
            {
                foreach (var shown in recent)
                    Assert.All(recent, trusting => Assert.True(IsTrusted(shown, trusting, now), $"at {now:u}"));
            }
            history.RemoveRange(0, history.Count - recent.Count);
            now += random.Next(4) == 0 ? TimeSpan.FromHours(random.Next(1, 5)) : TimeSpan.FromDays(random.Next(1, 6));
        }

        Assert.Equal(3, authorities.Count);
        Assert.Equal(2, most);
    }

    [Fact]
    public void An_expired_authority_is_replaced_at_once()
    {
        var first = CertificateRotation.Next(null, Names, Start)!.Value.Material;

        var (next, reason) = CertificateRotation.Next(first, Names, Start.AddYears(11))!.Value;

        Assert.Equal("there was none", CertificateRotation.Next(null, Names, Start)!.Value.Reason);
        Assert.Contains("authority", reason, StringComparison.Ordinal);
        Assert.Single(next.Authorities);
        Assert.True(IsTrusted(next, next, Start.AddYears(11)));
    }

    [Theory]
    [InlineData("authority")]
    [InlineData("authorityKey")]
    [InlineData("otherAuthorityKey")]
    [InlineData("certificate")]
    [InlineData("key")]
    [InlineData("otherKey")]
    [InlineData("all")]
    public void What_cannot_be_used_is_replaced_and_what_can_is_kept(string damaged)
    {
        const string Garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
        var good = CertificateRotation.Next(null, Names, Start)!.Value.Material;
        var other = CertificateRotation.Next(null, Names, Start)!.Value.Material;
        var broken = damaged switch
        {
            "authority" => good with { Authorities = [Garbage] },
            "authorityKey" => good with { AuthorityKey = "x" },
            "otherAuthorityKey" => good with { AuthorityKey = other.AuthorityKey },
            "certificate" => good with { Certificate = Garbage },
            "key" => good with { Key = "" },
            "otherKey" => good with { Key = other.Key },
            _ => new CertificateMaterial([Garbage, "?"], "?", "?", "?"),
        };

        var next = CertificateRotation.Next(broken, Names, Start)!.Value.Material;

        Assert.True(IsTrusted(next, next, Start));
        // Whoever still shows the certificate of before is trusted where its authority could be read.
        Assert.Equal(damaged is not ("authority" or "all"), IsTrusted(good, next, Start));
        Assert.Null(CertificateRotation.Next(next, Names, Start));
    }

    [Fact]
    public void Keys_are_in_no_text()
    {
        var material = CertificateRotation.Next(null, Names, Start)!.Value.Material;

        Assert.DoesNotContain("PRIVATE", $"{material}", StringComparison.Ordinal);
    }

    /// <summary>Whether who trusts one bundle takes the certificate of another material, as Go's x509 decides it.</summary>
    internal static bool IsTrusted(CertificateMaterial shown, CertificateMaterial trusting, DateTimeOffset now)
    {
        using var leaf = X509Certificate2.CreateFromPem(shown.Certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(trusting.Bundle);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(leaf);
    }
}
