using System.Collections.Immutable;

namespace GpuStack.Modeling;

/// <summary>The share of one model among several that an engine loads together.</summary>
public sealed record MemoryPart
{
    /// <summary>What the part is.</summary>
    public required MemoryPartKind Kind { get; init; }

    /// <summary>The part's own name.</summary>
    public required string Name { get; init; }

    /// <summary>The part's architecture, or the kind of projector.</summary>
    public required string Architecture { get; init; }

    /// <summary>The same devices as the whole estimate's, the host last.</summary>
    public required ImmutableArray<DeviceMemory> Devices { get; init; }

    /// <summary>True when the figures of this part are an upper bound.</summary>
    public bool UpperBound { get; init; }

    /// <summary>Everything on all devices and the host.</summary>
    public Bytes Total
    {
        get
        {
            Bytes sum = default;
            foreach (DeviceMemory device in Devices)
            {
                sum += device.Total;
            }

            return sum;
        }
    }
}
