using System.Globalization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>The ResourceSlices that the drivers of dynamic resource allocation would publish for a fleet.</summary>
public static class FleetSlices
{
    /// <summary>The slices in the order of the file, one a node whose GPUs are offered that way.</summary>
    public static IReadOnlyList<V1ResourceSlice> Expand(FleetFile fleet) =>
    [
        .. fleet.NodeGroups.Where(group => group.Gpu is { Dra: true })
            .SelectMany(group => Enumerable.Range(0, group.Count).Select(i => Slice(FleetNodes.NameOf(group, i), group.Gpu!))),
    ];

    /// <summary>The driver of a vendor's GPUs; null where none is known.</summary>
    internal static string? Driver(GpuVendor vendor) => vendor switch
    {
        GpuVendor.NVIDIA => "gpu.nvidia.com",
        GpuVendor.AMD => "gpu.amd.com",
        GpuVendor.Intel => "gpu.intel.com",
        _ => null,
    };

    private static V1ResourceSlice Slice(string node, NodeGroupGpu gpu)
    {
        var driver = Driver(gpu.Vendor);
        return new V1ResourceSlice
        {
            ApiVersion = "resource.k8s.io/v1",
            Kind = "ResourceSlice",
            Metadata = new V1ObjectMeta { Name = $"{node}-{driver}" },
            Spec = new V1ResourceSliceSpec
            {
                Driver = driver,
                NodeName = node,
                Pool = new V1ResourcePool { Name = node, Generation = 1, ResourceSliceCount = 1 },
                Devices =
                [
                    .. Enumerable.Range(0, gpu.Count).Select(i => new V1Device { Name = string.Create(CultureInfo.InvariantCulture, $"gpu-{i}") }),
                ],
            },
        };
    }
}
