namespace GpuStack.Kubernetes.Yaml;

/// <summary>Bounds of a YAML text, so that a hostile one costs no more than its size.</summary>
/// <param name="Characters">Longest text.</param>
/// <param name="Values">Most values after aliases are expanded.</param>
/// <param name="Depth">Deepest nesting.</param>
public sealed record YamlLimits(int Characters, int Values, int Depth)
{
    /// <summary>A manifest written by hand: 1 MiB.</summary>
    public static YamlLimits Manifest { get; } = new(1 << 20, 100_000, 64);

    /// <summary>A list of nodes and pods as kubectl prints it: 256 MiB.</summary>
    public static YamlLimits ClusterList { get; } = new(256 << 20, 20_000_000, 64);
}
