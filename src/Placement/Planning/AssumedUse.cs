using GpuStack.Modeling;

namespace GpuStack.Placement.Planning;

/// <summary>What a plan takes of one node, from the decision until its pods are seen there.</summary>
public sealed record AssumedUse
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The device resource, such as <c>nvidia.com/gpu</c>.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Units of it.</summary>
    public int Gpus { get; init; }

    /// <summary>CPU in millicores.</summary>
    public long CpuMillis { get; init; }

    /// <summary>Host memory.</summary>
    public Bytes Memory { get; init; }

    /// <summary>Pod slots.</summary>
    public int Pods { get; init; } = 1;

    /// <summary>Ports of the node that the pod listens on; null for none.</summary>
    public IReadOnlyList<int>? HostPorts { get; init; }

    /// <summary>Whose plan it is, in words, for others that find a port taken; empty without ports.</summary>
    public string Holder { get; init; } = "";
}
