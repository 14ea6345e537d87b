using System.Collections.Immutable;

namespace GpuStack.Modeling.Gguf;

/// <summary>One tensor as the header describes it.</summary>
public sealed record GgufTensor
{
    /// <summary>The tensor's name, such as <c>blk.0.attn_q.weight</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Elements per dimension, the contiguous one (a row) first; one to four of them.</summary>
    public required ImmutableArray<long> Dimensions { get; init; }

    /// <summary>The element type.</summary>
    public required GgmlType Type { get; init; }

    /// <summary>Where the data begins, in bytes after <see cref="GgufHeader.DataOffset"/>.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes of data, without padding.</summary>
    public required long Size { get; init; }

    /// <summary>The product of the dimensions.</summary>
    public long Elements
    {
        get
        {
            long elements = 1;
            foreach (long dimension in Dimensions)
            {
                elements *= dimension;
            }

            return elements;
        }
    }
}
