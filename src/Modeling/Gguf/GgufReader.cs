using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// Reads the header of a GGUF file (versions 2 and 3, either byte order): magic, version, counts, metadata, tensors. Tensor data
/// is never read; long arrays are passed over. Everything the file claims is checked before it is believed, so that a hostile
/// file costs bounded memory and ends in a <see cref="GgufFormatException"/>.
/// </summary>
public static class GgufReader
{
    private const uint Magic = 0x46554747;

    /// <summary>What to say when a file contradicts itself.</summary>
    internal const string Damaged = "the file is damaged or not a model";

    /// <summary>Reads the header of a source. Of a split model that is one part alone: <see cref="GgufFiles"/> reads them all.</summary>
    /// <exception cref="GgufFormatException">The source holds no GGUF header that can be read.</exception>
    /// <exception cref="ByteRangeException">The source cannot be read.</exception>
    public static Task<GgufHeader> ReadAsync(
        IByteRangeSource source, GgufLimits? limits = null, CancellationToken cancellationToken = default) =>
        ReadAsync(source, new GgufBudget(limits ?? GgufLimits.Default), cancellationToken);

    internal static async Task<GgufHeader> ReadAsync(IByteRangeSource source, GgufBudget budget, CancellationToken cancellationToken)
    {
        GgufLimits limits = budget.Limits;
        var cursor = new GgufCursor(source, budget, cancellationToken);
        int version = await ReadVersionAsync(cursor).ConfigureAwait(false);
        cursor.Place = new("the number of tensors and metadata entries");
        await cursor.BufferAsync(2 * sizeof(ulong)).ConfigureAwait(false);
        int tensorCount = CheckedCount(cursor, cursor.TakeUInt64(), limits.Tensors, "tensors");
        int metadataCount = CheckedCount(cursor, cursor.TakeUInt64(), limits.MetadataEntries, "metadata entries");

        GgufMetadata metadata = await ReadMetadataAsync(cursor, limits, metadataCount).ConfigureAwait(false);
        int alignment = Alignment(cursor, metadata);
        ImmutableArray<GgufTensor> tensors = await GgufTensorTable.ReadAsync(cursor, limits, tensorCount, alignment).ConfigureAwait(false);
        await cursor.VerifyReachedAsync().ConfigureAwait(false);

        var header = new GgufHeader
        {
            Name = source.Name,
            Version = version,
            BigEndian = cursor.BigEndian,
            Metadata = metadata,
            Tensors = tensors,
            Alignment = alignment,
            DataOffset = GgufHeader.Pad(cursor.Position, alignment),
        };
        CheckComplete(cursor, header);
        return header;
    }

    /// <summary>A name from a file, made fit for a message: short, without control characters.</summary>
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (char character in text.Length > 80 ? text.AsSpan(0, 80) : text)
        {
            quoted.Append(char.IsControl(character) ? '?' : character);
        }

        return quoted.Append(text.Length > 80 ? "…'" : "'").ToString();
    }

    /// <summary>A header alone is fine (samples, caches); a header with a part of its data is a broken download.</summary>
    private static void CheckComplete(GgufCursor cursor, GgufHeader header)
    {
        if (header.Tensors.IsEmpty || cursor.SourceLength is not long length || length <= header.DataOffset)
        {
            return;
        }

        GgufTensor last = header.Tensors[^1];
        long end = header.DataOffset + last.Offset + last.Size;
        if (length < end)
        {
            throw cursor.Refuse($"is {length} bytes long, but its tensors end at {end}", "it is incomplete: download it again");
        }
    }

    private static async Task<int> ReadVersionAsync(GgufCursor cursor)
    {
        cursor.Place = new("the magic number");
        await cursor.BufferAsync(sizeof(uint)).ConfigureAwait(false);
        uint magic = cursor.TakeUInt32();
        if (magic != Magic)
        {
            throw cursor.Refuse($"begins with {Printable(magic)}, where a GGUF file begins with \"GGUF\"", "name a .gguf file");
        }

        cursor.Place = new("the version");
        await cursor.BufferAsync(sizeof(uint)).ConfigureAwait(false);
        uint version = cursor.TakeUInt32();
        if ((version & 0xFFFF) == 0)
        {
            // The magic stands in the same order in every file; only what follows it is turned around.
            cursor.BigEndian = true;
            version = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(version);
        }

        return version switch
        {
            2 or 3 => (int)version,
            0 or 1 => throw cursor.Refuse($"is of GGUF version {version}, but versions 2 and 3 can be read", "convert the model again with a recent llama.cpp"),
            _ => throw cursor.Refuse($"is of GGUF version {version}, but versions 2 and 3 can be read", "the file is damaged or newer than this program"),
        };
    }

    private static int CheckedCount(GgufCursor cursor, ulong count, int maximum, string what) =>
        count > (ulong)maximum ? throw cursor.Refuse($"claims {count} {what}, more than the {maximum} allowed", Damaged) : (int)count;

    private static async ValueTask<GgufMetadata> ReadMetadataAsync(GgufCursor cursor, GgufLimits limits, int count)
    {
        var metadata = new GgufMetadata();
        for (int i = 0; i < count; i++)
        {
            cursor.Place = new("the key of metadata entry", Index: i, Count: count);
            string key = await cursor.ReadStringAsync(limits.KeyBytes).ConfigureAwait(false);
            if (key.Length == 0 || metadata.TryGet(key, out _))
            {
                throw cursor.Refuse(key.Length == 0 ? $"{cursor.Place} is empty" : $"has the metadata key {Quote(key)} twice", Damaged);
            }

            cursor.Place = new("the value of", key);
            cursor.Keep(128);
            await cursor.BufferAsync(sizeof(uint)).ConfigureAwait(false);
            metadata.TryAdd(key, await GgufValues.ReadAsync(cursor, limits, cursor.TakeUInt32()).ConfigureAwait(false));
        }

        return metadata;
    }

    private static int Alignment(GgufCursor cursor, GgufMetadata metadata)
    {
        const int Default = 32;
        const int Largest = 1 << 20;
        if (!metadata.TryGet("general.alignment", out GgufValue? value))
        {
            return Default;
        }

        return value.Integer is long alignment and >= 1 and <= Largest && long.IsPow2(alignment)
            ? (int)alignment
            : throw cursor.Refuse($"general.alignment is {value.Integer?.ToString(CultureInfo.InvariantCulture) ?? "no integer"}, where a power of two up to {Largest} is expected", Damaged);
    }

    private static string Printable(uint magic)
    {
        Span<char> text = stackalloc char[4];
        for (int i = 0; i < text.Length; i++)
        {
            uint value = (magic >> (8 * i)) & 0xFF;
            if (value is < 0x20 or > 0x7E)
            {
                return string.Create(CultureInfo.InvariantCulture, $"the bytes {magic & 0xFF:x2} {(magic >> 8) & 0xFF:x2} {(magic >> 16) & 0xFF:x2} {magic >> 24:x2}");
            }

            text[i] = (char)value;
        }

        return $"\"{text}\"";
    }
}
