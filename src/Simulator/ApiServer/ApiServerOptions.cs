namespace GpuStack.Simulator.ApiServer;

/// <summary>How a simulated API server listens.</summary>
public sealed record ApiServerOptions
{
    /// <summary>TCP port on the loopback interface; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Serve HTTPS with a certificate made for this run; its authority goes into the kubeconfig.</summary>
    public bool Https { get; init; }

    /// <summary>How many requests the audit list keeps.</summary>
    public int AuditCapacity { get; init; } = 1000;
}
