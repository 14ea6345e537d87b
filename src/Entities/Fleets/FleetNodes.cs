using System.Globalization;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>Expands a fleet into the Node objects that such a cluster would show.</summary>
public static class FleetNodes
{
    /// <summary>Annotation with the network's bandwidth in bits per second; the planner reads it on real nodes, too.</summary>
    public const string BandwidthAnnotation = "inference.gpustack.io/network-bandwidth";

    /// <summary>Annotation with the network's round trip, as a duration; the planner reads it on real nodes, too.</summary>
    public const string LatencyAnnotation = "inference.gpustack.io/network-latency";

    /// <summary>The nodes in the order of the file; each call makes new objects.</summary>
    public static IReadOnlyList<V1Node> Expand(FleetFile fleet)
    {
        var nodes = new List<V1Node>();
        foreach (var group in fleet.NodeGroups)
        {
            for (var i = 0; i < group.Count; i++) nodes.Add(Node(group, i, nodes.Count));
        }
        return nodes;
    }

    internal static string NameOf(NodeGroup group, int index) => string.Create(CultureInfo.InvariantCulture, $"{group.Name}-{index}");

    private static V1Node Node(NodeGroup group, int index, int position)
    {
        var name = NameOf(group, index);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["kubernetes.io/hostname"] = name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = "amd64",
        };
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        var capacity = new Dictionary<string, Quantity>(StringComparer.Ordinal)
        {
            ["cpu"] = group.Cpu,
            ["memory"] = group.Memory,
            ["ephemeral-storage"] = "1Ti",
            ["pods"] = group.Pods,
        };
        if (group.Rack is not null) labels["topology.kubernetes.io/rack"] = group.Rack;
        if (group.Zone is not null) labels["topology.kubernetes.io/zone"] = group.Zone;
        if (group.Network?.Bandwidth is { } bandwidth) annotations[BandwidthAnnotation] = bandwidth.ToString();
        if (group.Network?.Latency is { } latency) annotations[LatencyAnnotation] = latency.ToString();
        // Without a device plugin there is no extended resource; the labels come from a daemon of their own.
        if (group.Gpu is { } gpu) VendorLabels.Add(gpu, labels, annotations, gpu.Dra ? [] : capacity);
        foreach (var (key, value) in group.Labels) labels[key] = value;
        foreach (var (key, value) in group.Annotations) annotations[key] = value;

        return new V1Node
        {
            ApiVersion = "v1",
            Kind = "Node",
            Metadata = new V1ObjectMeta { Name = name, Labels = labels, Annotations = annotations.Count == 0 ? null : annotations },
            Spec = new V1NodeSpec
            {
                Taints = group.Taints.Count == 0 ? null : [.. group.Taints.Select(taint => new V1Taint { Key = taint.Key, Value = taint.Value, Effect = taint.Effect })],
            },
            Status = new V1NodeStatus
            {
                Capacity = capacity,
                Allocatable = new Dictionary<string, Quantity>(capacity, StringComparer.Ordinal),
                Conditions = Conditions(),
                Addresses =
                [
                    new V1NodeAddress { Type = "InternalIP", Address = string.Create(CultureInfo.InvariantCulture, $"10.{64 + position / 62_500}.{position / 250 % 250}.{position % 250 + 1}") },
                    new V1NodeAddress { Type = "Hostname", Address = name },
                ],
                NodeInfo = new V1NodeSystemInfo
                {
                    Architecture = "amd64",
                    OperatingSystem = "linux",
                    OsImage = "Simulated Linux",
                    KernelVersion = "6.8.0",
                    ContainerRuntimeVersion = "containerd://2.1.4",
                    KubeletVersion = "v1.34.0",
                },
            },
        };
    }

    private static List<V1NodeCondition> Conditions() =>
    [
        new() { Type = "MemoryPressure", Status = "False", Reason = "KubeletHasSufficientMemory", Message = "kubelet has sufficient memory available" },
        new() { Type = "DiskPressure", Status = "False", Reason = "KubeletHasNoDiskPressure", Message = "kubelet has no disk pressure" },
        new() { Type = "PIDPressure", Status = "False", Reason = "KubeletHasSufficientPID", Message = "kubelet has sufficient PID available" },
        new() { Type = "Ready", Status = "True", Reason = "KubeletReady", Message = "kubelet is posting ready status" },
    ];
}
