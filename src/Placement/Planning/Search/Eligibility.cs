using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Volumes;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Why a node is out, or its devices that are in.</summary>
/// <param name="Reason">One of <see cref="RejectionReasons"/>; null: the node may be used.</param>
/// <param name="Message">The reason in words, without what <see cref="Lacking"/> tells.</param>
/// <param name="Devices">The kinds of devices that may be used.</param>
/// <param name="Free">What is free of the host.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Verdict(string? Reason, string Message, IReadOnlyList<DevicePool> Devices, NodeFree Free)
{
    /// <summary>Free CPU in millicores or host memory in bytes, where too little of it is the reason.</summary>
    public long? Lacking { get; init; }

    /// <summary>The host port that is taken, where that is the reason.</summary>
    public int? HostPort { get; init; }

    /// <summary>A host port that leaders alone need and that is taken: the node may work, but not lead. Null when there is none.</summary>
    public int? LeadersPort { get; init; }

    /// <summary>No claim of a worker can be mounted there: the node may lead, or be that of a worker that gets a new claim.</summary>
    public bool NoWorkersClaim { get; init; }

    /// <summary>A volume that only leaders mount and that cannot be had there: the node may work, but not lead. Null when there is none.</summary>
    public VolumeConstraint? LeadersVolume { get; init; }
}

/// <summary>What is free of a node.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NodeFree(long CpuMillis, Bytes Memory, int Pods);

/// <summary>Judges single nodes by what the request says about nodes; the sizes of models play no part here.</summary>
internal sealed class Eligibility(PlacementRequest request, HostNeeds needs)
{
    /// <summary>Sorted: the first label that a node lacks is named.</summary>
    private readonly KeyValuePair<string, string>[] _selector = [.. request.NodeSelector.OrderBy(pair => pair.Key, StringComparer.Ordinal)];

    public Verdict Judge(FleetNode node)
    {
        var free = new NodeFree(node.FreeCpuMillis, node.FreeMemory, node.FreePods);
        if (node.Problem is { } problem)
            return Out(problem.Reason, problem.Message);
        if (Untolerated(node) is { } taint)
            return Out(RejectionReasons.Taint, $"has the taint {Show(taint)}, which placement.tolerations does not tolerate");
        foreach (var (key, value) in _selector)
        {
            if (!node.Labels.TryGetValue(key, out var actual) || actual != value)
                return Out(RejectionReasons.NodeSelector, $"lacks the label {key}={value} of placement.nodeSelector");
        }

        var selected = 0;
        var devices = new List<DevicePool>(node.Devices.Length);
        foreach (var pool in node.Devices)
        {
            if (pool.MemoryPerGpu.Value <= 0 || !Selected(pool))
                continue;
            selected++;
            if (pool.Free > 0)
                devices.Add(pool);
        }

        if (selected == 0)
        {
            var known = node.Devices.First(d => d.MemoryPerGpu.Value > 0);
            return Out(RejectionReasons.GpuSelector, $"its {DeviceReader.Describe(known)} ({known.MemoryPerGpu} each) is not what placement.gpuSelector asks for");
        }

        if (devices.Count == 0)
            return Out(RejectionReasons.AllGpusTaken, "all its GPUs are taken by other pods");
        if (free.Pods < 1)
            return Out(RejectionReasons.PodSlots, "has no pod slot left");
        var cpu = Math.Min(needs.LeaderCpu, needs.WorkerCpu);
        if (free.CpuMillis < cpu)
            return Out(RejectionReasons.HostCpu, $"needs {Cores(cpu)} CPU") with { Lacking = free.CpuMillis };
        var memory = Math.Min(needs.Worker.Value, needs.LeaderOfOne.Value);
        if (free.Memory.Value < memory)
            return Out(RejectionReasons.HostMemory, $"needs {new Bytes(memory)} of host memory") with { Lacking = free.Memory.Value };
        // Without workers of its own a group has a leader alone, which needs all of its ports; with them, any node may be a worker's.
        var leadersPort = FirstTaken(node, request.LeaderHostPorts);
        if ((request.NodeLimit is 1 ? leadersPort : FirstTaken(node, request.WorkerHostPorts)) is { } port)
            return Out(RejectionReasons.HostPort, PortTaken(port)) with { HostPort = port };
        var missing = Missing(node);
        return missing is { LeaderOnly: false }
            ? Out(RejectionReasons.VolumeTopology, missing.Message)
            : new Verdict(null, "", devices, free) { LeadersVolume = missing, LeadersPort = leadersPort, NoWorkersClaim = !request.WorkerClaims.Allow(node.Name, node.Labels) };

        Verdict Out(string reason, string message) => new(reason, message, [], free);
    }

    public static string Cores(long millis) => $"{Math.Max(0, millis) / 1000.0:0.##}";

    /// <summary>The reason against a node whose port is taken, without the name of who has it: that differs from node to node.</summary>
    public static string PortTaken(int port) => string.Create(CultureInfo.InvariantCulture, $"host port {port} is taken");

    private static string Show(NodeTaint taint) => taint.Value.Length > 0 ? $"{taint.Key}={taint.Value}:{taint.Effect}" : $"{taint.Key}:{taint.Effect}";

    /// <summary>A volume that the node cannot mount; one that all pods need before one that only leaders do.</summary>
    private VolumeConstraint? Missing(FleetNode node)
    {
        VolumeConstraint? missing = null;
        foreach (var volume in request.Volumes)
        {
            if ((missing is null || !volume.LeaderOnly) && !volume.Allows(node.Name, node.Labels))
                missing = volume;
            if (missing is { LeaderOnly: false })
                break;
        }

        return missing;
    }

    private int? FirstTaken(FleetNode node, ImmutableArray<int> ports)
    {
        if (!request.HostNetwork || node.HostPorts.IsEmpty)
            return null;
        foreach (var port in ports)
        {
            if (node.HasTaken(port))
                return port;
        }

        return null;
    }

    private bool Selected(DevicePool pool)
    {
        var selector = request.GpuSelector;
        return (selector.Vendors.IsDefaultOrEmpty || selector.Vendors.Any(v => string.Equals(v, pool.Vendor, StringComparison.OrdinalIgnoreCase)))
            && (selector.Products.IsDefaultOrEmpty || selector.Products.Any(p => ProductName.Matches(p, pool.Product)))
            && (selector.MinMemory is not { } least || pool.MemoryPerGpu >= least)
            && (selector.MinComputeCapability is not { } capability || pool.ComputeCapability >= capability);
    }

    private NodeTaint? Untolerated(FleetNode node) =>
        node.Taints.FirstOrDefault(t => t.Effect is "NoSchedule" or "NoExecute" && !request.Tolerations.Any(toleration => Tolerates(toleration, t)));

    private static bool Tolerates(Toleration toleration, NodeTaint taint)
    {
        if (!string.IsNullOrEmpty(toleration.Effect) && toleration.Effect != taint.Effect)
            return false;
        var exists = toleration.Operator == "Exists";
        if (string.IsNullOrEmpty(toleration.Key))
            return exists;
        return toleration.Key == taint.Key && (exists || (toleration.Value ?? "") == taint.Value);
    }
}
