using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>Reads the roots to trust.</summary>
internal static class CertificateAuthorities
{
    /// <exception cref="CryptographicException">There is no certificate in it.</exception>
    public static X509Certificate2Collection FromPem(string pem)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("There is no PEM certificate.");
    }
}
