using System.Collections.Immutable;

namespace GpuStack.Modeling;

/// <summary>The memory that a model needs on every device and on the host, as the engine itself would book it.</summary>
public sealed record MemoryEstimate
{
    /// <summary>The model's own name (<c>general.name</c>).</summary>
    public required string Model { get; init; }

    /// <summary>The model's architecture, in the engine's words (<c>llama</c>, <c>qwen3moe</c>, …).</summary>
    public required string Architecture { get; init; }

    /// <summary>The number of transformer blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>The number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Devices in the engine's order (RPC devices first), the host last.</summary>
    public required ImmutableArray<DeviceMemory> Devices { get; init; }

    /// <summary>The parts that the devices' figures are sums of; empty when the model is the only one.</summary>
    public ImmutableArray<MemoryPart> Parts { get; init; } = [];

    /// <summary>True when the architecture is unknown to the formulas, and the figures are an upper bound.</summary>
    public bool UpperBound { get; init; }

    /// <summary>Weights of all devices and the host.</summary>
    public Bytes Weight => Sum(static device => device.Weight);

    /// <summary>Key and value caches of all devices and the host.</summary>
    public Bytes KvCache => Sum(static device => device.KvCache);

    /// <summary>Everything on all devices and the host.</summary>
    public Bytes Total => Sum(static device => device.Total);

    /// <summary>What the host holds.</summary>
    public DeviceMemory Host => Devices[^1];

    private Bytes Sum(Func<DeviceMemory, Bytes> part)
    {
        Bytes sum = default;
        foreach (DeviceMemory device in Devices)
        {
            sum += part(device);
        }

        return sum;
    }
}
