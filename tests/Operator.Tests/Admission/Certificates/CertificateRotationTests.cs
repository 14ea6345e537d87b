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

    [Theory]
    [InlineData(false, X509KeyUsageFlags.KeyCertSign, false)]
    [InlineData(true, X509KeyUsageFlags.CrlSign, false)]
    [InlineData(true, X509KeyUsageFlags.KeyCertSign, true)]
    [InlineData(true, null, true)]
    public void An_authority_is_used_on_if_it_can_sign(bool hasKeyIdentifier, X509KeyUsageFlags? usage, bool isUsed)
    {
        var given = TestMaterial.WithAuthority(Start, hasKeyIdentifier, usage);

        var next = CertificateRotation.Next(given, Names, Start)!.Value.Material;

        Assert.Equal(isUsed, next.Authorities[0] == given.Authorities[0]);
        Assert.True(IsTrusted(next, next, Start));
        Assert.Null(CertificateRotation.Next(next, Names, Start));
    }

    [Fact]
    public void A_certificate_that_is_no_authority_signs_nothing_whatever_stands_behind_it()
    {
        var good = CertificateRotation.Next(null, Names, Start)!.Value.Material;
        var other = TestMaterial.WithAuthority(Start, isAuthority: false);

        var next = CertificateRotation.Next(good with { Authorities = [other.Authorities[0], good.Authorities[0]], AuthorityKey = other.AuthorityKey }, Names, Start)!.Value.Material;

        // What was shown is shown on, by the authority that could be read.
        Assert.Equal((2, good.Authorities[0], good.Certificate), (next.Authorities.Length, next.Authorities[1], next.Certificate));
        Assert.True(IsTrusted(good, next, Start));
    }

    // Of an authority of somebody else, that began just now and ends soon.
    [Fact]
    public void A_certificate_holds_no_longer_than_its_authority()
    {
        var given = TestMaterial.WithAuthority(Start, age: TimeSpan.FromMinutes(1), life: TimeSpan.FromDays(30));

        var next = CertificateRotation.Next(given, Names, Start)!.Value.Material;

        using var leaf = X509Certificate2.CreateFromPem(next.Certificate);
        using var authority = X509Certificate2.CreateFromPem(given.Authorities[0]);
        Assert.Equal((authority.NotBefore, authority.NotAfter), (leaf.NotBefore, leaf.NotAfter));
    }

    // Verifiers look for an issuer by its name first.
    [Fact]
    public void No_two_authorities_have_one_name()
    {
        using var one = X509Certificate2.CreateFromPem(CertificateIssuer.Authority(Start, TimeSpan.FromDays(1)).Certificate);
        using var other = X509Certificate2.CreateFromPem(CertificateIssuer.Authority(Start, TimeSpan.FromDays(1)).Certificate);

        Assert.NotEqual(one.Subject, other.Subject);
    }

    [Fact]
    public void A_foreign_certificate_that_holds_is_shown_until_the_new_authority_is_known()
    {
        var given = TestMaterial.SignedByRsa(Names, Start);

        var (next, reason) = CertificateRotation.Next(given, Names, Start)!.Value;

        Assert.Equal("it could not be used to sign", reason);
        Assert.Equal((given.Certificate, given.Authorities[0]), (next.Certificate, next.Authorities[1]));
        Assert.Null(CertificateRotation.Next(next, Names, Start.AddHours(23)));
        var later = CertificateRotation.Next(next, Names, Start.AddHours(25))!.Value;
        Assert.Equal("a newer authority signs now", later.Reason);
        Assert.True(IsTrusted(later.Material, next, Start.AddHours(25)));
        // And it is trusted until nobody can show its certificates any more.
        Assert.Null(CertificateRotation.Next(later.Material, Names, Start.AddHours(48)));
        Assert.Equal([next.Authorities[0]], CertificateRotation.Next(later.Material, Names, Start.AddHours(50))!.Value.Material.Authorities);
    }

    // Replicas' clocks differ by more than the hour that certificates are dated back.
    [Theory]
    [InlineData(2)]
    [InlineData(48)]
    public void What_a_replica_made_whose_clock_runs_ahead_is_replaced_and_it_takes_that(int hours)
    {
        var ahead = Start.AddHours(hours);
        var first = CertificateRotation.Next(null, Names, ahead)!.Value.Material;

        var (next, reason) = CertificateRotation.Next(first, Names, Start)!.Value;

        Assert.Equal("its authority does not hold yet", reason);
        Assert.True(IsTrusted(next, next, Start));
        Assert.Null(CertificateRotation.Next(next, Names, Start));
        Assert.True(IsTrusted(next, next, ahead));
        // It may drop the authority that was its own, and no more.
        Assert.Equal(next.Certificate, CertificateRotation.Next(next, Names, ahead)?.Material.Certificate ?? next.Certificate);
    }

    [Fact]
    public void A_certificate_that_does_not_hold_yet_is_replaced_by_the_same_authority()
    {
        var first = CertificateRotation.Next(null, Names, Start)!.Value.Material;
        var ahead = CertificateRotation.Next(first with { Key = "" }, Names, Start.AddHours(3))!.Value.Material;

        var (next, reason) = CertificateRotation.Next(ahead, Names, Start)!.Value;

        Assert.Equal(("the certificate does not hold yet", first.Authorities), (reason, next.Authorities));
        Assert.True(IsTrusted(next, first, Start));
    }

    // Each time that its key is damaged another authority comes, and the bundle stays small.
    [Fact]
    public void The_bundle_holds_three_authorities_at_most()
    {
        var material = CertificateRotation.Next(null, Names, Start)!.Value.Material;
        for (var i = 0; i < 5; i++)
        {
            material = CertificateRotation.Next(material with { AuthorityKey = "" }, Names, Start)!.Value.Material;
            Assert.Equal(Math.Min(i + 2, 3), material.Authorities.Length);
            Assert.True(IsTrusted(material, material, Start));
        }
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
