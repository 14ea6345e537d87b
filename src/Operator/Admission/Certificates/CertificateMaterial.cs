using System.Collections.Immutable;

namespace GpuStack.Operator.Admission.Certificates;

/// <summary>
/// What the replicas share: the certificate that they serve with, and the authority that signs it, all in PEM. It holds private keys, so its
/// text says nothing.
/// </summary>
/// <param name="Authorities">Who is trusted: first the authority that signs, then older ones whose certificates may still be shown.</param>
/// <param name="AuthorityKey">The private key of the first authority.</param>
/// <param name="Certificate">The certificate that is shown.</param>
/// <param name="Key">Its private key.</param>
internal sealed record CertificateMaterial(ImmutableArray<string> Authorities, string AuthorityKey, string Certificate, string Key)
{
    /// <summary>The authorities as a webhook's configuration has them.</summary>
    public string Bundle => string.Join('\n', Authorities) + "\n";

    /// <summary>Says nothing.</summary>
    public override string ToString() => nameof(CertificateMaterial);
}
