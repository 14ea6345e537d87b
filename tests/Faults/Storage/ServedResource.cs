namespace GpuStack.Faults.Storage;

/// <summary>A resource of the core group that the server knows.</summary>
/// <param name="Plural">As in its path.</param>
/// <param name="Kind">Its kind.</param>
public sealed record ServedResource(string Plural, string Kind)
{
    /// <summary>Objects with <c>data.value</c>.</summary>
    public static readonly ServedResource ConfigMaps = new("configmaps", "ConfigMap");

    /// <summary>Objects with <c>spec.nodeName</c>.</summary>
    public static readonly ServedResource Pods = new("pods", "Pod");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ServedResource> All = [ConfigMaps, Pods];
}
