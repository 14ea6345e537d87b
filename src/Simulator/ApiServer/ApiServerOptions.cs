using GpuStack.Simulator.ApiServer.Admission;

namespace GpuStack.Simulator.ApiServer;

/// <summary>How a simulated API server listens.</summary>
public sealed record ApiServerOptions
{
    /// <summary>TCP port on the loopback interface; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Serve HTTPS with a certificate made for this run; its authority goes into the kubeconfig.</summary>
    public bool Https { get; init; }

    /// <summary>
    /// Whether roles are evaluated: over HTTPS a request needs a bearer token, the administrator's of the kubeconfig or a ServiceAccount's, and
    /// what it does must be allowed. Over HTTP, whoever shows none is the administrator, or whom they impersonate. Otherwise everybody may do
    /// everything.
    /// </summary>
    public bool EvaluateAccess { get; init; }

    /// <summary>Whether, besides, the rights of owner references are enforced, as OpenShift does: to delete the child, and to set the owner's finalizers.</summary>
    public bool EnforceOwnerReferences { get; init; }

    /// <summary>How many requests the audit list keeps.</summary>
    public int AuditCapacity { get; init; } = 1000;

    /// <summary>Where the Services of admission webhooks lead to.</summary>
    public ServiceEndpoints Services { get; init; } = new();
}
