namespace GpuStack.Placement.Planning;

/// <summary>Why a node is not part of a plan. The order is that of the checks: a node has the first that applies.</summary>
public static class RejectionReasons
{
    /// <summary>The node offers its GPUs by dynamic resource allocation alone.</summary>
    public const string DraOnly = "DraOnly";

    /// <summary>The node has no GPU.</summary>
    public const string NoGpu = "NoGpu";

    /// <summary>The node is not Ready.</summary>
    public const string NotReady = "NotReady";

    /// <summary>The node is cordoned.</summary>
    public const string Cordoned = "Cordoned";

    /// <summary>Neither a label nor the product table tells the memory of its GPUs.</summary>
    public const string NoMemoryLabel = "NoMemoryLabel";

    /// <summary>The node has a taint that the deployment does not tolerate.</summary>
    public const string Taint = "Taint";

    /// <summary>The node lacks a label of <c>placement.nodeSelector</c>.</summary>
    public const string NodeSelector = "NodeSelector";

    /// <summary>Its GPUs are not those of <c>placement.gpuSelector</c>.</summary>
    public const string GpuSelector = "GpuSelector";

    /// <summary>Other pods have all its GPUs.</summary>
    public const string AllGpusTaken = "AllGpusTaken";

    /// <summary>No pod slot is left.</summary>
    public const string PodSlots = "PodSlots";

    /// <summary>Too little free CPU.</summary>
    public const string HostCpu = "HostCpu";

    /// <summary>Too little free host memory.</summary>
    public const string HostMemory = "HostMemory";

    /// <summary>Another pod has a port of the node that the group needs (<c>network.hostNetwork</c>).</summary>
    public const string HostPort = "HostPort";

    /// <summary>A volume of the deployment cannot be used there.</summary>
    public const string VolumeTopology = "VolumeTopology";

    /// <summary>The driver differs from the group's (vLLM, SGLang).</summary>
    public const string DriverMismatch = "DriverMismatch";

    /// <summary>Its free GPUs, or as many of them as the engine takes in one group, hold too little.</summary>
    public const string TooSmall = "TooSmall";

    /// <summary>The request cannot use it as asked: leader, scope, maxNodes or mixedGpus forbid it.</summary>
    public const string Constraint = "Constraint";

    /// <summary>It would do, and was not needed.</summary>
    public const string NotNeeded = "NotNeeded";
}
