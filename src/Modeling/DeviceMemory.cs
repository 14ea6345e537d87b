namespace GpuStack.Modeling;

/// <summary>What one device, or the host, holds of a model and of its run-time buffers.</summary>
public sealed record DeviceMemory
{
    /// <summary>What kind of memory this is.</summary>
    public required DeviceKind Kind { get; init; }

    /// <summary>Position among the devices, RPC devices first, from 0; null for the host.</summary>
    public int? Index { get; init; }

    /// <summary>The first layer held (the output layer has the index BlockCount); null when no layer is held.</summary>
    public int? FirstLayer { get; init; }

    /// <summary>The last layer held, inclusive; null when no layer is held.</summary>
    public int? LastLayer { get; init; }

    /// <summary>Weights.</summary>
    public Bytes Weight { get; init; }

    /// <summary>Key and value cache, and recurrent state.</summary>
    public Bytes KvCache { get; init; }

    /// <summary>Compute buffers.</summary>
    public Bytes Compute { get; init; }

    /// <summary>A stated margin for the context of the GPU process; on the host the buffer of the logits.</summary>
    public Bytes Overhead { get; init; }

    /// <summary>The sum of all parts.</summary>
    public Bytes Total => Weight + KvCache + Compute + Overhead;
}
