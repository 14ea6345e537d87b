using GpuStack.Modeling;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Fleets;

/// <summary>A node as its labels and its status describe it, before anything is taken of it: read once, however often pods come and go.</summary>
internal sealed class NodeReading
{
    /// <summary>Stands for an amount that the node does not publish; never the limit of a plan.</summary>
    public const long Unknown = long.MaxValue / 8;

    /// <summary>
    /// Free host memory is counted in steps of this, rounded down. Machines of one kind differ by some KiB in what their kernel keeps, and
    /// would otherwise each be a kind of their own.
    /// </summary>
    private static readonly Bytes s_memoryStep = Bytes.FromMiB(16);

    private readonly FleetNode _whole;

    private NodeReading(FleetNode whole) => _whole = whole;

    public static NodeReading Of(NodeFacts node, ProductTable products)
    {
        var devices = DeviceReader.Read(node, products, static _ => 0);
        return new NodeReading(new FleetNode
        {
            Name = node.Name,
            Labels = node.Labels,
            Taints = node.Taints.IsDefault ? [] : node.Taints,
            Devices = devices,
            FreeCpuMillis = Whole(node, "cpu"),
            FreeMemory = Rounded(Whole(node, "memory")),
            FreePods = (int)Math.Min(Whole(node, "pods"), int.MaxValue / 8),
            Network = NodeNetwork.Read(node.Annotations),
            Problem = Judge(node, devices),
        });
    }

    /// <summary>The node without what its pods hold; null holds nothing.</summary>
    public FleetNode Less(ResourceSums? taken) => taken is null || taken.IsEmpty ? _whole : _whole with
    {
        Devices = [.. _whole.Devices.Select(pool => taken.Of(pool.ResourceName) is > 0 and var held ? pool with { Free = (int)Math.Max(0, pool.Free - held) } : pool)],
        FreeCpuMillis = Left(_whole.FreeCpuMillis, taken.Of("cpu")),
        FreeMemory = Rounded(Left(_whole.FreeMemory.Value, taken.Of("memory"))),
        FreePods = (int)Math.Max(0, _whole.FreePods - taken.Of("pods")),
        HostPorts = taken.Ports,
    };

    private static Bytes Rounded(long memory) => new(memory == Unknown ? memory : memory - (memory % s_memoryStep.Value));

    private static long Left(long whole, long taken) => whole == Unknown ? Unknown : Math.Max(0, whole - taken);

    private static long Whole(NodeFacts node, string resource) =>
        node.Allocatable.TryGetValue(resource, out var all) ? Math.Clamp(all, 0, Unknown) : Unknown;

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
}
