namespace GpuStack.Entities.V1Alpha1;

/// <summary>How far one group may spread.</summary>
public enum PlacementScope
{
    /// <summary>The smallest of the others that holds the model.</summary>
    Auto,

    /// <summary>One GPU.</summary>
    SingleGpu,

    /// <summary>The GPUs of one node.</summary>
    SingleNode,

    /// <summary>Several nodes.</summary>
    MultiNode,
}
