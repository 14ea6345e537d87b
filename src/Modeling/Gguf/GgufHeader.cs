using System.Collections.Immutable;

namespace GpuStack.Modeling.Gguf;

/// <summary>Everything of a GGUF file that precedes the tensor data.</summary>
public sealed record GgufHeader
{
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

    /// <summary>The size in bytes that the file has when it is complete: the header and every tensor, padded.</summary>
    public long FileSize
    {
        get
        {
            long end = DataOffset;
            foreach (GgufTensor tensor in Tensors)
            {
                long padded = (tensor.Size + Alignment - 1) / Alignment * Alignment;
                end = Math.Max(end, DataOffset + tensor.Offset + padded);
            }

            return end;
        }
    }
}
