namespace GpuStack.Kubernetes.Models;

/// <summary>Metadata of a list.</summary>
public sealed class V1ListMeta
{
    public string? ResourceVersion { get; set; }

    /// <summary>Where the next page starts; null at the end.</summary>
    public string? Continue { get; set; }

    public long? RemainingItemCount { get; set; }
}
