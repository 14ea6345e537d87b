namespace GpuStack.Kubernetes.Configuration;

/// <summary>Where a client certificate and its key come from.</summary>
internal sealed class ClientCertificateSource(PemSource certificate, PemSource key)
{
    public PemSource Certificate => certificate;

    public PemSource Key => key;

    /// <summary>One of them is a file, which may be replaced.</summary>
    public bool CanChange => certificate.Path is not null || key.Path is not null;
}
