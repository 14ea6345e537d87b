namespace GpuStack.Placement.Fleets;

/// <summary>What one unit of a device resource is.</summary>
public enum DeviceUnit
{
    /// <summary>A whole GPU.</summary>
    Gpu,

    /// <summary>A hardware partition (MIG); a group uses at most one on a node.</summary>
    MigSlice,

    /// <summary>A time-sliced or otherwise shared GPU; a group uses at most one on a node.</summary>
    Share,
}
