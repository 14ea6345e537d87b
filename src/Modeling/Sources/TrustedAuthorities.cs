using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Modeling.Sources;

/// <summary>
/// Certificate authorities that are trusted beside the system's, for model hubs of a company's own. Everything else that TLS checks, names and
/// times among it, holds as ever.
/// </summary>
public sealed class TrustedAuthorities
{
    /// <summary>The largest text that is read: what a ConfigMap can hold, and then some for its other fields.</summary>
    public const int LargestText = 512 << 10;

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _certificates;

    private TrustedAuthorities(X509Certificate2Collection certificates)
    {
        _certificates = certificates;
        Pem = certificates.ExportCertificatePems() + "\n";
    }

    /// <summary>The certificates alone, as PEM: whatever else their file says is not among it.</summary>
    public string Pem { get; }

    /// <summary>Reads certificates in PEM.</summary>
    /// <param name="pem">One or more certificates; text between them is passed over.</param>
    /// <exception cref="FormatException">There is none, one cannot be read, or there is a private key.</exception>
    public static TrustedAuthorities Parse(string pem)
    {
        if (pem.Length > LargestText)
            throw new FormatException($"the certificates have {pem.Length} characters, at most {LargestText} are read; leave out authorities that the system trusts anyway");
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
            throw new FormatException("there is a private key among the certificates; remove it, and take it for known to others");
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new FormatException($"a certificate cannot be read: {exception.Message}", exception);
        }
        return certificates.Count > 0
            ? new TrustedAuthorities(certificates)
            : throw new FormatException("there is no certificate; expected is PEM, with -----BEGIN CERTIFICATE-----");
    }

    /// <summary>Lets a handler trust them.</summary>
    public void AddTo(SocketsHttpHandler handler) => handler.SslOptions.RemoteCertificateValidationCallback = IsTrusted;

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        // A wrong name, or no certificate at all, is nothing that an authority could mend.
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 server)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_certificates);
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // A certificate's own word on where to get others would lead anywhere.
        own.ChainPolicy.DisableCertificateDownloads = true;
        if (chain is not null)
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        return own.Build(server);
    }
}
