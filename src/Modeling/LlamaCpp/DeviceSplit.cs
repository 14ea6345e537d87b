using System.Collections.Immutable;

namespace GpuStack.Modeling.LlamaCpp;

/// <summary>How many layers each device holds, in llama.cpp's order: RPC devices first, then the leader's own GPUs.</summary>
public sealed record DeviceSplit
{
    /// <summary>Layers per device; the sum is min(ngl, L+1), counted from the end of the model. Zeros are allowed.</summary>
    public required ImmutableArray<int> LayersPerDevice { get; init; }

    /// <summary>How many of the devices, from the front, are RPC devices.</summary>
    public int RpcDevices { get; init; }
}
