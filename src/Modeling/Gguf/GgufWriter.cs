using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// Writes the header of a GGUF file: metadata and tensor descriptions in the order they were added, offsets as if the data
/// followed. Small on purpose: it makes sample models and test cases.
/// </summary>
public sealed class GgufWriter
{
    private readonly ArrayBufferWriter<byte> _metadata = new();
    private readonly ArrayBufferWriter<byte> _tensors = new();
    private uint _metadataCount;
    private uint _tensorCount;

    /// <summary>The format version, 2 or 3.</summary>
    public uint Version { get; init; } = 3;

    /// <summary>Whether numbers are written with their most significant byte first.</summary>
    public bool BigEndian { get; init; }

    /// <summary>Tensor data begins at multiples of this, in bytes; other values than 32 also need the entry <c>general.alignment</c>.</summary>
    public int Alignment { get; init; } = 32;

    /// <summary>Bytes of data of all tensors, padded.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Adds a string.</summary>
    public void Add(string key, string value)
    {
        Key(key, GgufValueType.String);
        Write(_metadata, value);
    }

    /// <summary>Adds an unsigned 16-bit integer.</summary>
    public void Add(string key, ushort value)
    {
        Key(key, GgufValueType.UInt16);
        Write(_metadata, value);
    }

    /// <summary>Adds a 32-bit integer.</summary>
    public void Add(string key, int value)
    {
        Key(key, GgufValueType.Int32);
        Write(_metadata, unchecked((uint)value));
    }

    /// <summary>Adds an unsigned 32-bit integer.</summary>
    public void Add(string key, uint value)
    {
        Key(key, GgufValueType.UInt32);
        Write(_metadata, value);
    }

    /// <summary>Adds an unsigned 64-bit integer.</summary>
    public void Add(string key, ulong value)
    {
        Key(key, GgufValueType.UInt64);
        Write(_metadata, value);
    }

    /// <summary>Adds a 32-bit float.</summary>
    public void Add(string key, float value)
    {
        Key(key, GgufValueType.Float32);
        Write(_metadata, BitConverter.SingleToUInt32Bits(value));
    }

    /// <summary>Adds a boolean.</summary>
    public void Add(string key, bool value)
    {
        Key(key, GgufValueType.Bool);
        _metadata.Write([value ? (byte)1 : (byte)0]);
    }

    /// <summary>Adds an array of 32-bit integers.</summary>
    public void Add(string key, ReadOnlySpan<int> values)
    {
        Array(key, GgufValueType.Int32, values.Length);
        foreach (int value in values)
        {
            Write(_metadata, unchecked((uint)value));
        }
    }

    /// <summary>Adds an array of 32-bit floats.</summary>
    public void Add(string key, ReadOnlySpan<float> values)
    {
        Array(key, GgufValueType.Float32, values.Length);
        foreach (float value in values)
        {
            Write(_metadata, BitConverter.SingleToUInt32Bits(value));
        }
    }

    /// <summary>Adds an array of strings.</summary>
    public void Add(string key, ReadOnlySpan<string> values)
    {
        Array(key, GgufValueType.String, values.Length);
        foreach (string value in values)
        {
            Write(_metadata, value);
        }
    }

    /// <summary>Adds an array of booleans.</summary>
    public void Add(string key, ReadOnlySpan<bool> values)
    {
        Array(key, GgufValueType.Bool, values.Length);
        foreach (bool value in values)
        {
            _metadata.Write([value ? (byte)1 : (byte)0]);
        }
    }

    /// <summary>Adds a tensor; its data follows that of the tensor before it.</summary>
    /// <exception cref="ArgumentException">The type is unknown, or its blocks do not fit a row.</exception>
    public void AddTensor(string name, GgmlType type, params ReadOnlySpan<long> dimensions)
    {
        if (!GgmlTypeLayout.TryGet(type, out GgmlTypeLayout layout) || dimensions.IsEmpty || dimensions[0] % layout.BlockElements != 0)
        {
            throw new ArgumentException($"A tensor of type {type} cannot have such rows.", nameof(type));
        }

        _tensorCount++;
        Write(_tensors, name);
        Write(_tensors, (uint)dimensions.Length);
        long elements = 1;
        foreach (long dimension in dimensions)
        {
            elements = checked(elements * dimension);
            Write(_tensors, (ulong)dimension);
        }

        Write(_tensors, (uint)type);
        Write(_tensors, (ulong)DataBytes);
        long size = checked(elements / layout.BlockElements * layout.BlockBytes);
        DataBytes = checked(DataBytes + ((size + Alignment - 1) / Alignment * Alignment));
    }

    /// <summary>The header, padded to where the data would begin.</summary>
    public byte[] ToHeader()
    {
        var header = new ArrayBufferWriter<byte>();
        header.Write("GGUF"u8);
        Write(header, Version);
        Write(header, (ulong)_tensorCount);
        Write(header, (ulong)_metadataCount);
        header.Write(_metadata.WrittenSpan);
        header.Write(_tensors.WrittenSpan);
        var bytes = new byte[(header.WrittenCount + Alignment - 1) / Alignment * Alignment];
        header.WrittenSpan.CopyTo(bytes);
        return bytes;
    }

    private void Key(string key, GgufValueType type)
    {
        _metadataCount++;
        Write(_metadata, key);
        Write(_metadata, (uint)type);
    }

    private void Array(string key, GgufValueType elementType, int count)
    {
        Key(key, GgufValueType.Array);
        Write(_metadata, (uint)elementType);
        Write(_metadata, (ulong)count);
    }

    private void Write(ArrayBufferWriter<byte> stream, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Write(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private void Write<T>(ArrayBufferWriter<byte> stream, T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        stream.Write(bytes[..(BigEndian ? value.WriteBigEndian(bytes) : value.WriteLittleEndian(bytes))]);
    }
}
