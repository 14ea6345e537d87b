namespace GpuStack.Placement.Planning.Search;

/// <summary>What besides its layers decides a device's compute buffer.</summary>
internal enum RangeKind
{
    /// <summary>The only device, or one behind another of a partial offload.</summary>
    Plain,

    /// <summary>One of several devices that hold all layers: micro batches are pipelined.</summary>
    Pipelined,

    /// <summary>The first device of a partial offload: the layer before runs on the host.</summary>
    AfterHost,
}
