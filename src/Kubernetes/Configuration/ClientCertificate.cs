using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>A certificate with its private key, and the intermediates to send along.</summary>
internal sealed class ClientCertificate(X509Certificate2 certificate, X509Certificate2Collection? chain)
{
    public X509Certificate2 Certificate => certificate;

    public X509Certificate2Collection? Chain => chain;

    /// <exception cref="CryptographicException">They are no matching pair; the message shows nothing of the key.</exception>
    public static ClientCertificate FromPem(string certificatePem, string keyPem)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificatePem);
            if (chain.Count > 0) chain.RemoveAt(0);
            return new ClientCertificate(X509Certificate2.CreateFromPem(certificatePem, keyPem), chain);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("The certificate and the key are no matching PEM pair.", e);
        }
    }
}
