using System.Collections.Immutable;
using System.Globalization;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// Reads the tensor part of a header. As in llama.cpp, each tensor's data begins exactly where the data of the one before it
/// ends (padded to the alignment): gaps, overlaps, duplicates and cycles are all refused by that one rule.
/// </summary>
internal static class GgufTensorTable
{
    private const int MaximumDimensions = 4;
    private const string Damaged = "the file is damaged or not a model";

    public static async Task<ImmutableArray<GgufTensor>> ReadAsync(GgufCursor cursor, GgufLimits limits, int count, int alignment)
    {
        ImmutableArray<GgufTensor>.Builder tensors = ImmutableArray.CreateBuilder<GgufTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        long expectedOffset = 0;
        for (int i = 0; i < count; i++)
        {
            GgufTensor tensor = await ReadTensorAsync(cursor, limits, i, count).ConfigureAwait(false);
            if (!names.Add(tensor.Name))
            {
                throw cursor.Refuse($"has the tensor {GgufReader.Quote(tensor.Name)} twice", Damaged);
            }

            if (tensor.Offset != expectedOffset)
            {
                throw cursor.Refuse(
                    $"the data of tensor {GgufReader.Quote(tensor.Name)} begins at offset {(ulong)tensor.Offset}, but the tensors before it end at {expectedOffset}",
                    Damaged);
            }

            long padding = (alignment - (tensor.Size % alignment)) % alignment;
            if (tensor.Size > long.MaxValue - limits.HeaderBytes - alignment - padding - expectedOffset)
            {
                throw TooLarge(cursor, tensor.Name);
            }

            expectedOffset += tensor.Size + padding;
            tensors.Add(tensor);
        }

        return tensors.ToImmutable();
    }

    private static async ValueTask<GgufTensor> ReadTensorAsync(GgufCursor cursor, GgufLimits limits, int index, int count)
    {
        string what = string.Create(CultureInfo.InvariantCulture, $"tensor {index + 1} of {count}");
        string name = await cursor.ReadStringAsync(limits.TensorNameBytes, what).ConfigureAwait(false);
        cursor.Keep(160, what);
        uint dimensionCount = await cursor.ReadUInt32Async(what).ConfigureAwait(false);
        if (dimensionCount is < 1 or > MaximumDimensions)
        {
            throw cursor.Refuse($"tensor {GgufReader.Quote(name)} has {dimensionCount} dimensions, where 1 to {MaximumDimensions} are expected", Damaged);
        }

        ImmutableArray<long>.Builder dimensions = ImmutableArray.CreateBuilder<long>((int)dimensionCount);
        long elements = 1;
        for (uint d = 0; d < dimensionCount; d++)
        {
            ulong dimension = await cursor.ReadUInt64Async(what).ConfigureAwait(false);
            if (dimension == 0)
            {
                throw cursor.Refuse($"tensor {GgufReader.Quote(name)} has a dimension of 0", Damaged);
            }

            if (dimension > (ulong)(long.MaxValue / elements))
            {
                throw TooLarge(cursor, name);
            }

            elements *= (long)dimension;
            dimensions.Add((long)dimension);
        }

        var type = (GgmlType)await cursor.ReadUInt32Async(what).ConfigureAwait(false);
        if (!GgmlTypeLayout.TryGet(type, out GgmlTypeLayout layout))
        {
            throw cursor.Refuse(
                $"tensor {GgufReader.Quote(name)} is of the unknown type {(uint)type}",
                (uint)type <= (uint)GgmlType.NVFP4 ? "the type was retired: quantize the model again" : "the file is damaged or newer than this program");
        }

        if (dimensions[0] % layout.BlockElements != 0)
        {
            throw cursor.Refuse($"tensor {GgufReader.Quote(name)} has rows of {dimensions[0]} elements, no multiple of the {layout.BlockElements} that {type} packs together", Damaged);
        }

        long blocks = elements / layout.BlockElements;
        if (blocks > long.MaxValue / layout.BlockBytes)
        {
            throw TooLarge(cursor, name);
        }

        ulong offset = await cursor.ReadUInt64Async(what).ConfigureAwait(false);
        return new GgufTensor
        {
            Name = name,
            Dimensions = dimensions.MoveToImmutable(),
            Type = type,
            Offset = unchecked((long)offset),
            Size = blocks * layout.BlockBytes,
        };
    }

    private static GgufFormatException TooLarge(GgufCursor cursor, string name) =>
        cursor.Refuse($"the size of tensor {GgufReader.Quote(name)} exceeds 2^63 bytes", Damaged);
}
