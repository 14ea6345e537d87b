namespace GpuStack.Entities.V1Alpha1;

/// <summary>Type of the Service in front of the leaders.</summary>
public enum ServiceType
{
    /// <summary>Reachable inside the cluster.</summary>
    ClusterIP,

    /// <summary>Also on a port of every node.</summary>
    NodePort,

    /// <summary>Also through the cloud's load balancer.</summary>
    LoadBalancer,
}
