namespace GpuStack.Modeling.Safetensors;

/// <summary>Bounds on what a safetensors header, or an index of shards, may ask of its reader.</summary>
public sealed record SafetensorsLimits
{
    /// <summary>Bounds that every published model keeps with a wide margin.</summary>
    public static SafetensorsLimits Default { get; } = new();

    /// <summary>Bytes of a header; the format itself allows no more.</summary>
    public long HeaderBytes { get; init; } = 100_000_000;

    /// <summary>Tensors of one file.</summary>
    public int Tensors { get; init; } = 1_000_000;

    /// <summary>Dimensions of a tensor.</summary>
    public int Dimensions { get; init; } = 16;

    /// <summary>Bytes of a tensor's name.</summary>
    public int NameBytes { get; init; } = 1024;

    /// <summary>Bytes of one text of the file's own metadata; nothing else in a header may be as long.</summary>
    public int TextBytes { get; init; } = 4 << 20;

    /// <summary>Texts of the metadata of up to so many bytes are kept; longer ones are passed over.</summary>
    public int KeptTextBytes { get; init; } = 4096;

    /// <summary>Memory in bytes for all that is kept (names, shapes, metadata), counted roughly.</summary>
    public long KeptBytes { get; init; } = 128L << 20;

    /// <summary>Bytes of an index of shards.</summary>
    public long IndexBytes { get; init; } = 64L << 20;

    /// <summary>Shards of an index.</summary>
    public int Shards { get; init; } = 4096;
}
