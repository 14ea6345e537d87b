using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>The Service in front of the leaders.</summary>
public sealed class ServiceSpec
{
    /// <summary>Type of the Service.</summary>
    public ServiceType Type { get; set; } = ServiceType.ClusterIP;

    /// <summary>Port of the Service.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 8000;

    /// <summary>Annotations of the Service, for load balancers.</summary>
    [Items(0, 50)]
    [Length(0, 4096)]
    public Dictionary<string, string>? Annotations { get; set; }
}
