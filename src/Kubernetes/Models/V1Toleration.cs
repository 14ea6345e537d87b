using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>Lets a pod stand a taint.</summary>
public sealed class V1Toleration
{
    public string? Key { get; set; }

    public string? Operator { get; set; }

    public string? Value { get; set; }

    public string? Effect { get; set; }

    public long? TolerationSeconds { get; set; }
}

/// <summary>Keeps pods off a node: NoSchedule, PreferNoSchedule or NoExecute.</summary>
public sealed class V1Taint
{
    public string? Key { get; set; }

    public string? Value { get; set; }

    public string? Effect { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? TimeAdded { get; set; }
}
