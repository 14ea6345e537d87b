using System.Globalization;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>Nodes with eight GPUs in racks of 32: of ten racks seven with L4, two with L40S, one with H100.</summary>
internal static class WorkloadFleet
{
    private const int Rack = 32;

    public static FleetFile Create(int nodes)
    {
        var groups = new List<NodeGroup>();
        for (int first = 0; first < nodes; first += Rack)
        {
            int rack = first / Rack;
            (string product, string memory, string capability) = (rack % 10) switch
            {
                < 7 => ("NVIDIA-L4", "23034Mi", "8.9"),
                < 9 => ("NVIDIA-L40S", "46068Mi", "8.9"),
                _ => ("NVIDIA-H100-80GB-HBM3", "81559Mi", "9.0"),
            };
            groups.Add(new NodeGroup
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"rack{rack}"),
                Rack = string.Create(CultureInfo.InvariantCulture, $"rack{rack}"),
                Count = Math.Min(Rack, nodes - first),
                Gpu = new NodeGroupGpu
                {
                    Vendor = GpuVendor.NVIDIA,
                    Product = product,
                    Memory = memory,
                    Count = 8,
                    Driver = "570.124.06",
                    ComputeCapability = capability,
                },
                Cpu = 128,
                Memory = "1024Gi",
            });
        }

        return new FleetFile("benchmark", groups);
    }
}
