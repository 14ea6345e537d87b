using GpuStack.Kubernetes.Access;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Permissions;

namespace GpuStack.Operator.Metrics;

/// <summary>Who may scrape protected metrics, and over which certificate.</summary>
[EntityRbac(typeof(V1TokenReview), typeof(V1SubjectAccessReview), Verbs = RbacVerb.Create, Role = OperatorRoles.MetricsAuth)]
[EntityRbac(NonResourceUrls = [Path], Verbs = RbacVerb.Get, Role = OperatorRoles.MetricsReader)]
internal sealed class MetricsAccess : IDisposable
{
    private const string Path = "/metrics";

    private readonly PathAccess _access;

    /// <param name="client">Asks the API server.</param>
    /// <param name="certificateFolder">With tls.crt and tls.key; null for a certificate of our own.</param>
    /// <param name="time">The clock.</param>
    public MetricsAccess(IKubernetesClient client, string? certificateFolder, TimeProvider time)
    {
        _access = new PathAccess(client, Path, time);
        Protection = new MetricsProtection
        {
            JudgeAsync = _access.JudgeAsync,
            CertificateFile = certificateFolder is null ? null : System.IO.Path.Combine(certificateFolder, "tls.crt"),
            KeyFile = certificateFolder is null ? null : System.IO.Path.Combine(certificateFolder, "tls.key"),
        };
    }

    /// <summary>For the server of the metrics.</summary>
    public MetricsProtection Protection { get; }

    public void Dispose() => _access.Dispose();
}
