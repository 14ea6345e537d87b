using GpuStack.Kubernetes.Logging;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>A certificate with its key and those that sign it, as it is shown in a handshake.</summary>
/// <param name="Context">For the TLS stream.</param>
/// <param name="Subject">Who it says it is of.</param>
/// <param name="NotBefore">When it begins to hold.</param>
/// <param name="NotAfter">When it ends.</param>
internal sealed record ServingCertificate(SslStreamCertificateContext Context, string Subject, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <exception cref="CryptographicException">This is no certificate, or the key is of another one.</exception>
    public static ServingCertificate Parse(string certificates, string key)
    {
        X509Certificate2 leaf;
        var chain = new X509Certificate2Collection();
        try
        {
            leaf = X509Certificate2.CreateFromPem(certificates, key);
            chain.ImportFromPem(certificates);
        }
        catch (ArgumentException e)
        {
            // So it says that the key does not match.
            throw new CryptographicException("the private key is not that of the certificate", e);
        }

        // Windows serves only keys that are in a store.
        if (OperatingSystem.IsWindows()) leaf = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pfx), null);
        if (chain.Count > 0) chain.RemoveAt(0);
        // Offline: nothing is fetched from addresses that a certificate names.
        var context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
        return new ServingCertificate(context, leaf.Subject, new DateTimeOffset(leaf.NotBefore), new DateTimeOffset(leaf.NotAfter));
    }

    /// <summary>What is wrong with it at that moment; null when it holds.</summary>
    public string? Fault(DateTimeOffset now)
    {
        if (now >= NotAfter) return $"the certificate of {Bounded.Text(Subject)} expired at {NotAfter:u}";
        return now < NotBefore ? $"the certificate of {Bounded.Text(Subject)} holds from {NotBefore:u} on" : null;
    }
}
