using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Tests;

/// <summary>Nodes as the API server would show them.</summary>
internal static class TestFleets
{
    public static NodeFacts Nvidia(
        string name, int gpus, string product = "NVIDIA-L40S", int memoryMiB = 46068, long cpuMillis = 64_000, long hostGiB = 256,
        string? rack = null, string resource = "nvidia.com/gpu")
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["kubernetes.io/hostname"] = name,
            ["nvidia.com/gpu.present"] = "true",
            ["nvidia.com/gpu.product"] = product,
            ["nvidia.com/gpu.count"] = $"{gpus}",
            ["nvidia.com/gpu.replicas"] = "1",
            ["nvidia.com/gpu.compute.major"] = "8",
            ["nvidia.com/gpu.compute.minor"] = "9",
            ["nvidia.com/cuda.driver-version.full"] = "550.107.02",
        };
        if (memoryMiB > 0)
            labels["nvidia.com/gpu.memory"] = $"{memoryMiB}";
        if (rack is not null)
            labels["topology.kubernetes.io/rack"] = rack;
        return new NodeFacts { Name = name, Labels = labels, Allocatable = Allocatable(resource, gpus, cpuMillis, hostGiB) };
    }

    public static NodeFacts CpuOnly(string name) =>
        new() { Name = name, Allocatable = Allocatable("nvidia.com/gpu", 0, 16_000, 64) };

    public static Dictionary<string, long> Allocatable(string resource, int units, long cpuMillis = 64_000, long hostGiB = 256)
    {
        var allocatable = new Dictionary<string, long>(StringComparer.Ordinal) { ["cpu"] = cpuMillis, ["memory"] = hostGiB << 30, ["pods"] = 110 };
        if (units > 0)
            allocatable[resource] = units;
        return allocatable;
    }

    public static PodFacts Pod(string node, long gpus, string resource = "nvidia.com/gpu") =>
        new() { Name = $"pod-on-{node}", Namespace = "default", Node = node, Requests = new Dictionary<string, long>(StringComparer.Ordinal) { [resource] = gpus } };

    public static Fleet Build(params NodeFacts[] nodes) => FleetBuilder.Build(nodes, [], ProductTable.Default);
}
