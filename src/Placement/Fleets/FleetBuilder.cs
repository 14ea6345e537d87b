using GpuStack.Modeling;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// Concludes from labels, annotations and requests what is free where: the requests of all bound pods are summed per node,
/// <see cref="DeviceReader"/> reads the kinds of devices, and what is left over is free. Nodes never fail the whole:
/// what cannot be read becomes the node's problem.
/// </summary>
public static class FleetBuilder
{
    /// <summary>Stands for an amount that the node does not publish; never the limit of a plan.</summary>
    internal const long Unknown = long.MaxValue / 8;

    private static readonly Dictionary<string, long> s_nothing = [];

    /// <summary>Builds the fleet.</summary>
    /// <param name="nodes">All nodes, in any order.</param>
    /// <param name="pods">All unfinished pods, in any order.</param>
    /// <param name="products">The product table.</param>
    /// <returns>The fleet.</returns>
    public static Fleet Build(IEnumerable<NodeFacts> nodes, IEnumerable<PodFacts> pods, ProductTable products)
    {
        var taken = new Dictionary<string, Dictionary<string, long>>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (pod.Node.Length == 0)
                continue;
            if (!taken.TryGetValue(pod.Node, out var sums))
                taken[pod.Node] = sums = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var (resource, amount) in pod.Requests)
            {
                if (resource != "pods")
                    Add(sums, resource, amount);
            }

            Add(sums, "pods", 1);
        }

        return new Fleet(nodes.Select(node => Build(node, taken.GetValueOrDefault(node.Name, s_nothing), products)));
    }

    private static FleetNode Build(NodeFacts node, Dictionary<string, long> taken, ProductTable products)
    {
        var devices = DeviceReader.Read(node, products, resource => taken.GetValueOrDefault(resource));
        return new FleetNode
        {
            Name = node.Name,
            Labels = node.Labels,
            Taints = node.Taints.IsDefault ? [] : node.Taints,
            Devices = devices,
            FreeCpuMillis = Free(node, taken, "cpu"),
            FreeMemory = new Bytes(Free(node, taken, "memory")),
            FreePods = (int)Math.Min(Free(node, taken, "pods"), int.MaxValue / 8),
            Problem = Judge(node, devices),
        };
    }

    private static NodeProblem? Judge(NodeFacts node, IReadOnlyList<DevicePool> devices)
    {
        if (devices.Count == 0)
        {
            if (node.DraGpus is > 0)
                return new(RejectionReasons.DraOnly, "its GPUs are offered by dynamic resource allocation alone, which is not supported yet; install a device plugin");
            return node.Labels.TryGetValue("nvidia.com/gpu.present", out var present) && present == "true"
                ? new(RejectionReasons.NoGpu, "labels promise GPUs, but status.allocatable has none: is the device plugin running?")
                : new(RejectionReasons.NoGpu, "has no GPU");
        }

        if (!node.Ready)
            return new(RejectionReasons.NotReady, "is not Ready");
        if (node.Unschedulable)
            return new(RejectionReasons.Cordoned, "is cordoned");
        return devices.All(d => d.MemoryPerGpu.Value == 0)
            ? new(RejectionReasons.NoMemoryLabel,
                $"no label tells the memory of its {DeviceReader.Describe(devices[0])}, and the product is unknown; set the annotation {DeviceReader.MemoryAnnotation}")
            : null;
    }

    private static long Free(NodeFacts node, Dictionary<string, long> taken, string resource) =>
        node.Allocatable.TryGetValue(resource, out var all)
            ? Math.Clamp(all, 0, Unknown) - Math.Min(Math.Clamp(all, 0, Unknown), taken.GetValueOrDefault(resource))
            : Unknown;

    private static void Add(Dictionary<string, long> sums, string resource, long amount)
    {
        if (amount > 0)
            sums[resource] = Math.Min(Unknown, sums.GetValueOrDefault(resource) + Math.Min(amount, Unknown));
    }
}
