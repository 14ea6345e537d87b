using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Fleets;

/// <summary>One node as the planner sees it: what is free now, and why it is of no use, if so.</summary>
public sealed record FleetNode
{
    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>Labels, for selectors and topology.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Taints.</summary>
    public ImmutableArray<NodeTaint> Taints { get; init; } = [];

    /// <summary>The kinds of devices, most memory per node first; empty on nodes without GPUs.</summary>
    public ImmutableArray<DevicePool> Devices { get; init; } = [];

    /// <summary>CPU that no pod has asked for, in millicores.</summary>
    public long FreeCpuMillis { get; init; }

    /// <summary>Host memory that no pod has asked for.</summary>
    public Bytes FreeMemory { get; init; }

    /// <summary>Pod slots left.</summary>
    public int FreePods { get; init; }

    /// <summary>Ports of the node that pods and plans have; one holder each.</summary>
    public ImmutableArray<HostPort> HostPorts { get; init; } = [];

    /// <summary>The node's network, as far as it is published.</summary>
    public NodeNetwork Network { get; init; }

    /// <summary>Why no request can use this node, or null.</summary>
    public NodeProblem? Problem { get; init; }

    /// <summary>Vendor of the first device kind; empty without GPUs.</summary>
    public string Vendor => Devices.IsEmpty ? "" : Devices[0].Vendor;

    /// <summary>Product of the first device kind; empty without GPUs.</summary>
    public string Product => Devices.IsEmpty ? "" : Devices[0].Product;

    /// <summary>Resource name of the first device kind; empty without GPUs.</summary>
    public string ResourceName => Devices.IsEmpty ? "" : Devices[0].ResourceName;

    /// <summary>Memory of one unit of the first device kind.</summary>
    public Bytes MemoryPerGpu => Devices.IsEmpty ? default : Devices[0].MemoryPerGpu;

    /// <summary>Units of all device kinds that the kubelet offers.</summary>
    public int AllocatableGpus => Devices.Sum(d => d.Allocatable);

    /// <summary>Units of all device kinds that nobody has asked for.</summary>
    public int FreeGpus => Devices.Sum(d => d.Free);

    /// <summary>Compute capability of the first device kind.</summary>
    public ComputeCapability? ComputeCapability => Devices.IsEmpty ? null : Devices[0].ComputeCapability;

    /// <summary>Driver version of the first device kind; empty when unknown.</summary>
    public string DriverVersion => Devices.IsEmpty ? "" : Devices[0].DriverVersion;

    /// <summary>The node after a plan has taken its share.</summary>
    /// <param name="use">What the plan takes of this node.</param>
    /// <returns>The node with less free.</returns>
    public FleetNode Taking(AssumedUse use) => this with
    {
        Devices = [.. Devices.Select(pool => pool.ResourceName == use.ResourceName ? pool with { Free = Math.Max(0, pool.Free - use.Gpus) } : pool)],
        FreeCpuMillis = FreeCpuMillis - use.CpuMillis,
        FreeMemory = FreeMemory - use.Memory,
        FreePods = FreePods - use.Pods,
        HostPorts = use.HostPorts is { Count: > 0 } ports ? [.. HostPorts, .. ports.Where(port => !HasTaken(port)).Select(port => new HostPort(port, use.Holder))] : HostPorts,
    };

    /// <summary>Whether somebody has a port of the node.</summary>
    internal bool HasTaken(int port)
    {
        foreach (var taken in HostPorts)
        {
            if (taken.Port == port)
                return true;
        }

        return false;
    }
}
