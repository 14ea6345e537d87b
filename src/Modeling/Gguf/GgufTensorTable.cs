using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// Reads the tensor part of a header. As in llama.cpp, each tensor's data begins exactly where the data of the one before it
/// ends (padded to the alignment): gaps, overlaps, duplicates and cycles are all refused by that one rule.
/// </summary>
internal static class GgufTensorTable
{
    private const int MaximumDimensions = 4;

    public static async ValueTask<ImmutableArray<GgufTensor>> ReadAsync(GgufCursor cursor, GgufLimits limits, int count, int alignment)
    {
        // A stated count alone reserves little.
        int capacity = Math.Min(count, 1024);
        ImmutableArray<GgufTensor>.Builder tensors = ImmutableArray.CreateBuilder<GgufTensor>(capacity);
        var names = new HashSet<string>(capacity, StringComparer.Ordinal);
        long expectedOffset = 0;
        for (int i = 0; i < count; i++)
        {
            cursor.Place = new("tensor", Index: i, Count: count);
            string name = await cursor.ReadStringAsync(limits.TensorNameBytes).ConfigureAwait(false);
            cursor.Keep(160);
            await cursor.BufferAsync(sizeof(uint)).ConfigureAwait(false);
            uint dimensions = cursor.TakeUInt32();
            if (dimensions > MaximumDimensions)
            {
                throw cursor.Refuse($"tensor {GgufReader.Quote(name)} has {dimensions} dimensions, where up to {MaximumDimensions} are expected", GgufReader.Damaged);
            }

            await cursor.BufferAsync(((int)dimensions * sizeof(ulong)) + sizeof(uint) + sizeof(ulong)).ConfigureAwait(false);
            GgufTensor tensor = TakeTensor(cursor, name, (int)dimensions);
            if (!names.Add(name))
            {
                throw cursor.Refuse($"has the tensor {GgufReader.Quote(name)} twice", GgufReader.Damaged);
            }

            if (tensor.Offset != expectedOffset)
            {
                throw cursor.Refuse(
                    $"the data of tensor {GgufReader.Quote(name)} begins at offset {(ulong)tensor.Offset}, but the tensors before it end at {expectedOffset}",
                    GgufReader.Damaged);
            }

            // Leaves room for the header in front and for padding behind, so that no sum of sizes overflows.
            long padded = tensor.Size > long.MaxValue - limits.HeaderBytes - (2L * alignment) - expectedOffset
                ? throw TooLarge(cursor, name)
                : GgufHeader.Pad(tensor.Size, alignment);
            expectedOffset += padded;
            tensors.Add(tensor);
        }

        return tensors.DrainToImmutable();
    }

    private static GgufTensor TakeTensor(GgufCursor cursor, string name, int dimensionCount)
    {
        // A scalar has no dimensions in the file, and one of 1 in memory.
        var dimensions = new long[Math.Max(1, dimensionCount)];
        dimensions[0] = 1;
        long elements = 1;
        for (int d = 0; d < dimensionCount; d++)
        {
            ulong dimension = cursor.TakeUInt64();
            if (dimension == 0)
            {
                throw cursor.Refuse($"tensor {GgufReader.Quote(name)} has a dimension of 0", GgufReader.Damaged);
            }

            if (Math.BigMul((ulong)elements, dimension, out ulong product) != 0 || product > long.MaxValue)
            {
                throw TooLarge(cursor, name);
            }

            elements = (long)product;
            dimensions[d] = (long)dimension;
        }

        uint number = cursor.TakeUInt32();
        var type = (GgmlType)number;
        if (!GgmlTypeLayout.TryGet(type, out GgmlTypeLayout layout))
        {
            throw UnknownType(cursor, name, number);
        }

        if (dimensions[0] % layout.BlockElements != 0)
        {
            throw cursor.Refuse($"tensor {GgufReader.Quote(name)} has rows of {dimensions[0]} elements, no multiple of the {layout.BlockElements} that {type} packs together", GgufReader.Damaged);
        }

        long blocks = elements / layout.BlockElements;
        if (Math.BigMul((ulong)blocks, (ulong)layout.BlockBytes, out ulong size) != 0 || size > long.MaxValue)
        {
            throw TooLarge(cursor, name);
        }

        return new GgufTensor
        {
            Name = name,
            Dimensions = ImmutableCollectionsMarshal.AsImmutableArray(dimensions),
            Type = type,
            Offset = unchecked((long)cursor.TakeUInt64()),
            Size = (long)size,
        };
    }

    private static GgufFormatException UnknownType(GgufCursor cursor, string name, uint number) => GgmlRetiredTypes.Find(number) is { } retired
        ? cursor.Refuse($"tensor {GgufReader.Quote(name)} is of type {number}, the retired {retired.Name}", $"quantize the model again, as {retired.Successor}")
        : cursor.Refuse($"tensor {GgufReader.Quote(name)} is of the unknown type {number}", "the file is damaged, newer than this program, or made by a fork of llama.cpp");

    private static GgufFormatException TooLarge(GgufCursor cursor, string name) =>
        cursor.Refuse($"the size of tensor {GgufReader.Quote(name)} exceeds 2^63 bytes", GgufReader.Damaged);
}
