using System.Collections.Immutable;

namespace GpuStack.Modeling.Gguf;

/// <summary>Everything of a GGUF file that precedes the tensor data.</summary>
public sealed record GgufHeader
{
    private const int LongestName = 200;

    /// <summary>What the file is called; used in messages.</summary>
    public required string Name { get; init; }

    /// <summary>The format version, 2 or 3.</summary>
    public required int Version { get; init; }

    /// <summary>Whether numbers stand with their most significant byte first (llama.cpp reads only its own machine's order).</summary>
    public bool BigEndian { get; init; }

    /// <summary>The metadata.</summary>
    public required GgufMetadata Metadata { get; init; }

    /// <summary>The tensors, in the file's order.</summary>
    public required ImmutableArray<GgufTensor> Tensors { get; init; }

    /// <summary>Where tensor data begins, in bytes from the start of the file; a multiple of <see cref="Alignment"/>.</summary>
    public required long DataOffset { get; init; }

    /// <summary>Tensor data begins at multiples of this, in bytes; a power of two.</summary>
    public required int Alignment { get; init; }

    /// <summary>
    /// The files that the model is split into, in order, when this header was joined from several (<see cref="GgufFiles"/>); empty
    /// otherwise. A joined header has the first file's metadata and data offset, and the tensors of all; a tensor's offset counts
    /// from the data of its own file.
    /// </summary>
    public ImmutableArray<GgufHeader> Parts { get; init; } = [];

    /// <summary>The size in bytes that the file has when it is complete (all files together): header and tensors, padded.</summary>
    public long FileSize
    {
        get
        {
            long size = 0;
            foreach (GgufHeader part in Parts)
            {
                size += part.FileSize;
            }

            // Tensors lie without gaps, so the last one ends the file.
            return !Parts.IsEmpty ? size
                : Tensors.IsEmpty ? DataOffset
                : DataOffset + Tensors[^1].Offset + Pad(Tensors[^1].Size, Alignment);
        }
    }

    /// <summary>
    /// What the model is called: <c>general.name</c>, or the file's name. It is shown, so it has no control characters and at most
    /// <see cref="LongestName"/> characters.
    /// </summary>
    internal string ModelName
    {
        get
        {
            string name = Metadata.Text("general.name") is { Length: > 0 } given ? given : Path.GetFileNameWithoutExtension(Name);
            return string.Concat(name.Take(LongestName).Select(character => char.IsControl(character) ? '?' : character));
        }
    }

    /// <summary>The next multiple of <paramref name="alignment"/>.</summary>
    internal static long Pad(long size, int alignment) => (size + alignment - 1) & -(long)alignment;
}
