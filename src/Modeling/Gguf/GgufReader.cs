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
    private const string Damaged = "the file is damaged or not a model";

    /// <summary>Reads the header of a source.</summary>
    /// <exception cref="GgufFormatException">The source holds no GGUF header that can be read.</exception>
    /// <exception cref="ByteRangeException">The source cannot be read.</exception>
    public static async Task<GgufHeader> ReadAsync(
        IByteRangeSource source, GgufLimits? limits = null, CancellationToken cancellationToken = default)
    {
        limits ??= GgufLimits.Default;
        var cursor = new GgufCursor(source, limits, cancellationToken);
        int version = await ReadVersionAsync(cursor).ConfigureAwait(false);
        ulong tensorCount = await cursor.ReadUInt64Async("the number of tensors").ConfigureAwait(false);
        ulong metadataCount = await cursor.ReadUInt64Async("the number of metadata entries").ConfigureAwait(false);
        CheckCount(cursor, tensorCount, limits.Tensors, "tensors");
        CheckCount(cursor, metadataCount, limits.MetadataEntries, "metadata entries");

        GgufMetadata metadata = await ReadMetadataAsync(cursor, limits, (int)metadataCount).ConfigureAwait(false);
        int alignment = Alignment(cursor, metadata);
        ImmutableArray<GgufTensor> tensors = await GgufTensorTable.ReadAsync(cursor, limits, (int)tensorCount, alignment).ConfigureAwait(false);
        await cursor.VerifyReachedAsync("the end of the metadata").ConfigureAwait(false);

        var header = new GgufHeader
        {
            Name = source.Name,
            Version = version,
            BigEndian = cursor.BigEndian,
            Metadata = metadata,
            Tensors = tensors,
            Alignment = alignment,
            DataOffset = (cursor.Position + alignment - 1) / alignment * alignment,
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
        uint magic = await cursor.ReadUInt32Async("the magic number").ConfigureAwait(false);
        if (magic != Magic)
        {
            throw cursor.Refuse($"begins with {Printable(magic)}, where a GGUF file begins with \"GGUF\"", "name a .gguf file");
        }

        uint version = await cursor.ReadUInt32Async("the version").ConfigureAwait(false);
        if ((version & 0xFFFF) == 0)
        {
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

    private static void CheckCount(GgufCursor cursor, ulong count, int maximum, string what)
    {
        if (count > (ulong)maximum)
        {
            throw cursor.Refuse($"claims {count} {what}, more than the {maximum} allowed", Damaged);
        }
    }

    private static async Task<GgufMetadata> ReadMetadataAsync(GgufCursor cursor, GgufLimits limits, int count)
    {
        var entries = new List<KeyValuePair<string, GgufValue>>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"the key of metadata entry {i + 1} of {count}");
            string key = await cursor.ReadStringAsync(limits.KeyBytes, what).ConfigureAwait(false);
            if (!keys.Add(key))
            {
                throw cursor.Refuse($"has the metadata key {Quote(key)} twice", Damaged);
            }

            what = $"the value of {Quote(key)}";
            var type = (GgufValueType)await cursor.ReadUInt32Async(what).ConfigureAwait(false);
            cursor.Keep(128, what);
            GgufValue value = type == GgufValueType.Array
                ? await ReadArrayAsync(cursor, limits, what).ConfigureAwait(false)
                : await ReadScalarAsync(cursor, type, what).ConfigureAwait(false);
            entries.Add(new(key, value));
        }

        return new GgufMetadata(entries);
    }

    private static async ValueTask<GgufValue> ReadArrayAsync(GgufCursor cursor, GgufLimits limits, string what)
    {
        var elementType = (GgufValueType)await cursor.ReadUInt32Async(what).ConfigureAwait(false);
        ulong count = await cursor.ReadUInt64Async(what).ConfigureAwait(false);
        if (count > (ulong)limits.ArrayElements)
        {
            throw cursor.Refuse($"{what} claims {count} elements, more than the {limits.ArrayElements} allowed", Damaged);
        }

        var value = new GgufValue { Type = GgufValueType.Array, ElementType = elementType, Count = (long)count };
        if (elementType == GgufValueType.String)
        {
            await cursor.SkipStringsAsync((long)count, what).ConfigureAwait(false);
            return value;
        }

        int size = ScalarSize(elementType);
        if (size == 0)
        {
            throw cursor.Refuse($"{what} is an array of the unknown element type {(uint)elementType}", Damaged);
        }

        if (count > (ulong)limits.KeptArrayElements)
        {
            cursor.Skip((long)count * size, what);
            return value;
        }

        ImmutableArray<GgufValue>.Builder elements = ImmutableArray.CreateBuilder<GgufValue>();
        for (ulong i = 0; i < count; i++)
        {
            cursor.Keep(96, what);
            elements.Add(await ReadScalarAsync(cursor, elementType, what).ConfigureAwait(false));
        }

        return value with { Elements = elements.ToImmutable() };
    }

    private static async ValueTask<GgufValue> ReadScalarAsync(GgufCursor cursor, GgufValueType type, string what)
    {
        switch (type)
        {
            case GgufValueType.String:
                return new() { Type = type, Text = await cursor.ReadStringValueAsync(what).ConfigureAwait(false) };
            case GgufValueType.UInt8:
                return Integer(type, await cursor.ReadByteAsync(what).ConfigureAwait(false));
            case GgufValueType.Int8:
                return Integer(type, (sbyte)await cursor.ReadByteAsync(what).ConfigureAwait(false));
            case GgufValueType.Bool:
                return Integer(type, await cursor.ReadByteAsync(what).ConfigureAwait(false) == 0 ? 0 : 1);
            case GgufValueType.UInt16:
                return Integer(type, await cursor.ReadUInt16Async(what).ConfigureAwait(false));
            case GgufValueType.Int16:
                return Integer(type, (short)await cursor.ReadUInt16Async(what).ConfigureAwait(false));
            case GgufValueType.UInt32:
                return Integer(type, await cursor.ReadUInt32Async(what).ConfigureAwait(false));
            case GgufValueType.Int32:
                return Integer(type, (int)await cursor.ReadUInt32Async(what).ConfigureAwait(false));
            case GgufValueType.UInt64 or GgufValueType.Int64:
                return Integer(type, unchecked((long)await cursor.ReadUInt64Async(what).ConfigureAwait(false)));
            case GgufValueType.Float32:
                return new() { Type = type, Number = BitConverter.UInt32BitsToSingle(await cursor.ReadUInt32Async(what).ConfigureAwait(false)) };
            case GgufValueType.Float64:
                return new() { Type = type, Number = BitConverter.UInt64BitsToDouble(await cursor.ReadUInt64Async(what).ConfigureAwait(false)) };
            default:
                throw cursor.Refuse($"{what} is of the unknown type {(uint)type}", Damaged);
        }
    }

    private static GgufValue Integer(GgufValueType type, long value) => new() { Type = type, Integer = value };

    private static int ScalarSize(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };

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
