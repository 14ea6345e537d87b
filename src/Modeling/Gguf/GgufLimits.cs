namespace GpuStack.Modeling.Gguf;

/// <summary>Bounds on what a GGUF header may ask of its reader. A file beyond them is refused, however well-formed it is.</summary>
public sealed record GgufLimits
{
    /// <summary>Bounds that every published model keeps with a wide margin.</summary>
    public static GgufLimits Default { get; } = new();

    /// <summary>Bytes of the whole header, tokenizer included; of all headers of a split model together.</summary>
    public long HeaderBytes { get; init; } = 256L << 20;

    /// <summary>Number of tensors, in all files of a split model together.</summary>
    public int Tensors { get; init; } = 200_000;

    /// <summary>Files that one model is split into.</summary>
    public int Parts { get; init; } = 256;

    /// <summary>Number of metadata entries.</summary>
    public int MetadataEntries { get; init; } = 65_536;

    /// <summary>Bytes of a metadata key.</summary>
    public int KeyBytes { get; init; } = 65_535;

    /// <summary>Bytes of a tensor name (llama.cpp itself takes 63).</summary>
    public int TensorNameBytes { get; init; } = 255;

    /// <summary>Bytes of one string value (chat templates are the longest).</summary>
    public int StringBytes { get; init; } = 16 << 20;

    /// <summary>Elements of one array.</summary>
    public long ArrayElements { get; init; } = 16_000_000;

    /// <summary>String values of up to so many bytes are kept; longer ones are passed over.</summary>
    public int KeptStringBytes { get; init; } = 64 << 10;

    /// <summary>Arrays of up to so many numbers are kept; longer ones, and arrays of strings, are passed over.</summary>
    public int KeptArrayElements { get; init; } = 4096;

    /// <summary>Memory in bytes for all that is kept (keys, values, tensors) of all files together, counted roughly.</summary>
    public long KeptBytes { get; init; } = 64L << 20;
}
