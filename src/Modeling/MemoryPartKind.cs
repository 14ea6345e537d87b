namespace GpuStack.Modeling;

/// <summary>What a part of an engine's memory belongs to.</summary>
public enum MemoryPartKind
{
    /// <summary>The language model itself.</summary>
    Model,

    /// <summary>A multimodal projector.</summary>
    Projector,

    /// <summary>A draft model for speculative decoding.</summary>
    Draft,
}
