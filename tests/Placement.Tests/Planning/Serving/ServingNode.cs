using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Tests.Planning.Serving;

/// <summary>A node of a tiny fleet.</summary>
internal sealed record ServingNode(string Name, int Gpus, string Product, int MemoryMiB, string? Driver, string Rack, long CpuMillis, long HostGiB)
{
    /// <summary>The number before the first dot; empty when unknown.</summary>
    public string DriverMajor => Driver is null ? "" : Driver[..Driver.IndexOf('.', StringComparison.Ordinal)];

    public long Pool => (long)Gpus * MemoryMiB;

    public NodeFacts Facts()
    {
        var node = TestFleets.Nvidia(Name, Gpus, Product, MemoryMiB, CpuMillis, HostGiB, Rack);
        var labels = new Dictionary<string, string>(node.Labels, StringComparer.Ordinal);
        labels.Remove("nvidia.com/cuda.driver-version.full");
        if (Driver is not null)
            labels["nvidia.com/cuda.driver-version.full"] = Driver;
        return node with { Labels = labels };
    }
}
