using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>One aspect of an object's state.</summary>
public sealed class V1Condition
{
    public string? Type { get; set; }

    /// <summary>True, False or Unknown.</summary>
    public string? Status { get; set; }

    public long? ObservedGeneration { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }
}
