using System.Security.Cryptography.X509Certificates;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>What connections are made with.</summary>
internal sealed class TlsMaterial(X509Certificate2Collection? authorities, ClientCertificate? certificate)
{
    /// <summary>Roots to trust; null: the system's.</summary>
    public X509Certificate2Collection? Authorities => authorities;

    public ClientCertificate? Certificate => certificate;

    /// <summary>Connections made with one would be no different from those made with the other.</summary>
    public bool IsSameAs(TlsMaterial other) => IsSame(authorities, other.Authorities) && IsSame(certificate, other.Certificate);

    public static bool IsSame(ClientCertificate? a, ClientCertificate? b) => ReferenceEquals(a, b)
        || (a is not null && b is not null && a.Certificate.Thumbprint == b.Certificate.Thumbprint && IsSame(a.Chain, b.Chain));

    public static bool IsSame(X509Certificate2Collection? a, X509Certificate2Collection? b) => ReferenceEquals(a, b)
        || (a ?? []).Select(c => c.Thumbprint).SequenceEqual((b ?? []).Select(c => c.Thumbprint));
}
