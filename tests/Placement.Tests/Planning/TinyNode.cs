using GpuStack.Placement.Fleets;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>A node of a tiny fleet: equal GPUs, of which other pods have taken some.</summary>
internal sealed record TinyNode(string Name, int Gpus, int MemoryMiB, string Product)
{
    public int Taken { get; init; }

    public string? Rack { get; init; }

    public long CpuMillis { get; init; } = 64_000;

    public long HostGiB { get; init; } = 256;

    public int Free => Gpus - Taken;

    /// <summary>Free VRAM: what makes a leader.</summary>
    public long Pool => (long)Free * MemoryMiB;

    public NodeFacts Facts => Nvidia(Name, Gpus, Product, MemoryMiB, CpuMillis, HostGiB, Rack);

    /// <summary>The pods of others.</summary>
    public IEnumerable<PodFacts> Pods => Taken == 0 ? [] : [Pod(Name, Taken)];
}
