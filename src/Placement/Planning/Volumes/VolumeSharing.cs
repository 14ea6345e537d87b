namespace GpuStack.Placement.Planning.Volumes;

/// <summary>How many pods may mount a volume at a time, by its access modes.</summary>
public enum VolumeSharing
{
    /// <summary>Any number, on any nodes; or each pod has a volume of its own.</summary>
    AnyNodes,

    /// <summary>Any number on one node (ReadWriteOnce).</summary>
    OneNode,

    /// <summary>One pod (ReadWriteOncePod).</summary>
    OnePod,
}
