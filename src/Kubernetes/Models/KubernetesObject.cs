using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>Base of every top-level object. The three common fields are written first.</summary>
public abstract class KubernetesObject : IKubernetesObject
{
    /// <inheritdoc/>
    [JsonPropertyOrder(-3)]
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    [JsonPropertyOrder(-2)]
    public string? Kind { get; set; }

    /// <inheritdoc/>
    [JsonPropertyOrder(-1)]
    public V1ObjectMeta Metadata { get; set; } = new();
}
