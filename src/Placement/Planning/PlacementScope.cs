namespace GpuStack.Placement.Planning;

/// <summary>How far a group may spread.</summary>
public enum PlacementScope
{
    /// <summary>The first level that holds the model: one GPU, one node, several nodes.</summary>
    Auto,

    /// <summary>One GPU only.</summary>
    SingleGpu,

    /// <summary>The GPUs of one node, two or more.</summary>
    SingleNode,

    /// <summary>Two or more nodes.</summary>
    MultiNode,
}
