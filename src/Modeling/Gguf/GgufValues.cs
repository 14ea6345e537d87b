using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Gguf;

/// <summary>Reads metadata values: scalars, short strings and short arrays of numbers are kept, the rest is passed over.</summary>
internal static class GgufValues
{
    /// <summary>Reads a value whose type was read last.</summary>
    public static async ValueTask<GgufValue> ReadAsync(GgufCursor cursor, GgufLimits limits, uint typeNumber)
    {
        var type = (GgufValueType)typeNumber;
        if (type == GgufValueType.String)
        {
            return new() { Type = type, Text = await cursor.ReadStringValueAsync().ConfigureAwait(false) };
        }

        if (type == GgufValueType.Array)
        {
            return await ReadArrayAsync(cursor, limits).ConfigureAwait(false);
        }

        int size = Size(type);
        if (size == 0)
        {
            throw cursor.Refuse($"{cursor.Place} is of the unknown type {typeNumber}", GgufReader.Damaged);
        }

        await cursor.BufferAsync(size).ConfigureAwait(false);
        return TakeScalar(cursor, type);
    }

    private static async ValueTask<GgufValue> ReadArrayAsync(GgufCursor cursor, GgufLimits limits)
    {
        await cursor.BufferAsync(sizeof(uint) + sizeof(ulong)).ConfigureAwait(false);
        var elementType = (GgufValueType)cursor.TakeUInt32();
        ulong count = cursor.TakeUInt64();
        if (count > (ulong)limits.ArrayElements)
        {
            throw cursor.Refuse($"{cursor.Place} claims {count} elements, more than the {limits.ArrayElements} allowed", GgufReader.Damaged);
        }

        var value = new GgufValue { Type = GgufValueType.Array, ElementType = elementType, Count = (long)count };
        if (elementType == GgufValueType.String)
        {
            await cursor.SkipStringsAsync((long)count).ConfigureAwait(false);
            return value;
        }

        int size = Size(elementType);
        if (size == 0)
        {
            // Arrays of arrays are in the format, but nothing writes them and llama.cpp refuses them: no nesting, no recursion.
            throw cursor.Refuse($"{cursor.Place} is an array of the unknown element type {(uint)elementType}", GgufReader.Damaged);
        }

        if (count > (ulong)limits.KeptArrayElements)
        {
            cursor.Skip((long)count * size);
            return value;
        }

        cursor.Keep(96L * (long)count);
        var elements = new GgufValue[count];
        for (int i = 0; i < elements.Length; i++)
        {
            await cursor.BufferAsync(size).ConfigureAwait(false);
            elements[i] = TakeScalar(cursor, elementType);
        }

        return value with { Elements = ImmutableCollectionsMarshal.AsImmutableArray(elements) };
    }

    private static GgufValue TakeScalar(GgufCursor cursor, GgufValueType type) => type switch
    {
        GgufValueType.UInt8 => Integer(type, cursor.TakeByte()),
        GgufValueType.Int8 => Integer(type, (sbyte)cursor.TakeByte()),
        GgufValueType.Bool => Integer(type, cursor.TakeByte() == 0 ? 0 : 1),
        GgufValueType.UInt16 => Integer(type, cursor.TakeUInt16()),
        GgufValueType.Int16 => Integer(type, (short)cursor.TakeUInt16()),
        GgufValueType.UInt32 => Integer(type, cursor.TakeUInt32()),
        GgufValueType.Int32 => Integer(type, (int)cursor.TakeUInt32()),
        GgufValueType.Float32 => new() { Type = type, Number = BitConverter.UInt32BitsToSingle(cursor.TakeUInt32()) },
        GgufValueType.Float64 => new() { Type = type, Number = BitConverter.UInt64BitsToDouble(cursor.TakeUInt64()) },
        _ => Integer(type, unchecked((long)cursor.TakeUInt64())),
    };

    private static GgufValue Integer(GgufValueType type, long value) => new() { Type = type, Integer = value };

    /// <summary>Bytes of a number in the file; 0 for what is none.</summary>
    private static int Size(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };
}
