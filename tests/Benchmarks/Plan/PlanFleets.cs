using System.Globalization;
using GpuStack.Placement.Fleets;

namespace GpuStack.Benchmarks.Plan;

/// <summary>
/// Fleets as large clusters show them: nodes of 8 GPUs in racks of 32, host memory that differs by some KiB from node to node, and pods
/// of others, of six sizes, that take a share of the GPUs. The same numbers give the same fleet.
/// </summary>
internal static class PlanFleets
{
    public const int GpusPerNode = 8;

    private const int NodesPerRack = 32;
    private const int Seed = 20261126;

    private static readonly (string Product, int MemoryMiB, int HostGiB)[] s_products =
    [
        ("NVIDIA-L40S", 46_068, 512), ("NVIDIA-L4", 23_034, 256), ("NVIDIA-GeForce-RTX-4090", 24_564, 256), ("NVIDIA-A10", 23_028, 384),
        ("NVIDIA-A40", 46_068, 512), ("NVIDIA-A100-SXM4-80GB", 81_920, 1024), ("NVIDIA-H100-80GB-HBM3", 81_559, 2048), ("NVIDIA-H200", 143_771, 2048),
    ];

    /// <summary>The nodes of a kind of fleet.</summary>
    public static NodeFacts[] Nodes(int count, FleetKind kind)
    {
        var random = new Random(Seed);
        var nodes = new NodeFacts[count];
        for (int i = 0; i < count; i++)
        {
            int rack = i / NodesPerRack;
            (string product, int memory, int host) = s_products[kind switch
            {
                FleetKind.Mixed => rack % s_products.Length,
                FleetKind.Scattered => random.Next(s_products.Length),
                _ => 0,
            }];
            nodes[i] = Node(string.Create(CultureInfo.InvariantCulture, $"gpu-{i:00000}"), product, memory, host, rack, random.Next(1024));
        }

        return nodes;
    }

    /// <summary>Pods that take a share of the nodes' GPUs, spread at random.</summary>
    public static List<PodFacts> Pods(IReadOnlyList<NodeFacts> nodes, int fillPercent)
    {
        var random = new Random(Seed + 1);
        int[] free = [.. Enumerable.Repeat(GpusPerNode, nodes.Count)];
        long left = (long)nodes.Count * GpusPerNode * fillPercent / 100;
        var pods = new List<PodFacts>();
        while (left > 0)
        {
            int node = random.Next(nodes.Count);
            int gpus = (int)Math.Min(Math.Min(free[node], left), 1 << random.Next(4));
            if (gpus == 0)
            {
                continue;
            }

            free[node] -= gpus;
            left -= gpus;
            pods.Add(Pod(nodes[node].Name, pods.Count, gpus, random.Next(6)));
        }

        return pods;
    }

    /// <summary>A pod of one of six sizes.</summary>
    public static PodFacts Pod(string node, int index, int gpus, int size) => new()
    {
        Namespace = "others",
        Name = string.Create(CultureInfo.InvariantCulture, $"pod-{index}"),
        Node = node,
        Requests = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["nvidia.com/gpu"] = gpus,
            ["cpu"] = 1000 * (1 + size),
            ["memory"] = (long)(4 * (1 + size)) << 30,
        },
    };

    private static NodeFacts Node(string name, string product, int memoryMiB, int hostGiB, int rack, int jitterKiB) => new()
    {
        Name = name,
        Labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["kubernetes.io/hostname"] = name,
            ["nvidia.com/gpu.present"] = "true",
            ["nvidia.com/gpu.product"] = product,
            ["nvidia.com/gpu.memory"] = memoryMiB.ToString(CultureInfo.InvariantCulture),
            ["nvidia.com/gpu.count"] = GpusPerNode.ToString(CultureInfo.InvariantCulture),
            ["nvidia.com/gpu.replicas"] = "1",
            ["nvidia.com/gpu.compute.major"] = "8",
            ["nvidia.com/gpu.compute.minor"] = "9",
            ["nvidia.com/cuda.driver-version.full"] = "550.107.02",
            ["topology.kubernetes.io/rack"] = string.Create(CultureInfo.InvariantCulture, $"rack-{rack}"),
            ["topology.kubernetes.io/zone"] = string.Create(CultureInfo.InvariantCulture, $"zone-{rack % 3}"),
        },
        Allocatable = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["cpu"] = 128_000,
            ["memory"] = ((long)hostGiB << 30) - ((long)jitterKiB << 10),
            ["pods"] = 110,
            ["nvidia.com/gpu"] = GpusPerNode,
        },
    };
}
