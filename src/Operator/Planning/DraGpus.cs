using System.Collections.Frozen;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Planning;

/// <summary>
/// Counts the GPUs that nodes offer by dynamic resource allocation. A driver that changes a pool writes its slices anew with a higher
/// generation, and those of older ones do not count any more. Slices that are not one node's own hold no GPUs of a node. Pure.
/// </summary>
public static class DraGpus
{
    /// <summary>Slices are a stranger's word: no node has more GPUs than this.</summary>
    public const int MostOfNode = 1024;

    private static readonly FrozenSet<string> Drivers = FrozenSet.Create(StringComparer.Ordinal, "gpu.nvidia.com", "gpu.amd.com", "gpu.intel.com");

    /// <summary>Whether a slice is about the GPUs of one node.</summary>
    public static bool IsOfGpus(V1ResourceSliceSpec? slice) => slice is { NodeName.Length: > 0, Driver: { } driver } && Drivers.Contains(driver);

    /// <summary>The GPUs of each node that offers any.</summary>
    public static IReadOnlyDictionary<string, int> ByNode(IEnumerable<V1ResourceSliceSpec?> slices) => slices
        .Where(IsOfGpus)
        .GroupBy(slice => slice!.NodeName!, StringComparer.Ordinal)
        .ToDictionary(node => node.Key, OfNode, StringComparer.Ordinal);

    /// <summary>The GPUs in one node's slices; those of other drivers are left out.</summary>
    public static int OfNode(IEnumerable<V1ResourceSliceSpec?> slices) => slices
        .Where(IsOfGpus)
        .GroupBy(slice => (slice!.Driver, slice.Pool?.Name))
        .SelectMany(pool => Newest(pool).SelectMany(slice => slice.Devices ?? []).Select(device => (pool.Key, device.Name)).Distinct())
        .Take(MostOfNode)
        .Count();

    private static IEnumerable<V1ResourceSliceSpec> Newest(IEnumerable<V1ResourceSliceSpec?> pool)
    {
        var slices = pool.OfType<V1ResourceSliceSpec>().ToList();
        var generation = slices.Max(slice => slice.Pool?.Generation ?? 0);
        return slices.Where(slice => (slice.Pool?.Generation ?? 0) == generation);
    }
}
