using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>
/// A certificate that nobody signed but itself, for clients that are told not to verify: what is said is encrypted, who says it is not
/// proven. Kept in memory, and made anew before it ends. Safe for concurrent use.
/// </summary>
internal sealed class SelfSignedCertificate(TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(365);
    private static readonly TimeSpan Renewal = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private SslStreamCertificateContext? _context;
    private DateTimeOffset _renewal;

    /// <summary>What to show in a handshake now.</summary>
    public SslStreamCertificateContext Context
    {
        get
        {
            var now = time.GetUtcNow();
            lock (_gate)
            {
                if (_context is null || now >= _renewal)
                {
                    _context = Create(now);
                    _renewal = now + Life - Renewal;
                }

                return _context;
            }
        }
    }

    private static SslStreamCertificateContext Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gpustack-operator-metrics", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        // Clocks differ.
        var certificate = request.CreateSelfSigned(now.AddHours(-1), now + Life);
        // Windows serves only keys that are in a store.
        if (OperatingSystem.IsWindows()) certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        return SslStreamCertificateContext.Create(certificate, null, offline: true);
    }
}
