using System.Buffers.Binary;
using System.Text;

namespace GpuStack.Modeling.Tests.Gguf;

/// <summary>Writes header bytes one by one, right or wrong, where GgufWriter would refuse.</summary>
internal sealed class RawHeader(bool bigEndian)
{
    private readonly List<byte> _bytes = [];

    public static RawHeader Start(ulong tensors, ulong metadata, uint version = 3, bool bigEndian = false) =>
        new RawHeader(bigEndian).Text("GGUF").U32(version).U64(tensors).U64(metadata);

    public RawHeader Text(string text) => Write(Encoding.UTF8.GetBytes(text));

    public RawHeader String(string text) => U64((ulong)Encoding.UTF8.GetByteCount(text)).Text(text);

    public RawHeader U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Number(bytes);
    }

    public RawHeader U64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Number(bytes);
    }

    /// <summary>A number of any size, given with its least significant byte first.</summary>
    public RawHeader Number(ReadOnlySpan<byte> littleEndian)
    {
        byte[] bytes = littleEndian.ToArray();
        if (bigEndian)
        {
            Array.Reverse(bytes);
        }

        return Write(bytes);
    }

    public RawHeader Tensor(string name, ulong[] dimensions, uint type, ulong offset)
    {
        String(name).U32((uint)dimensions.Length);
        foreach (ulong dimension in dimensions)
        {
            U64(dimension);
        }

        return U32(type).U64(offset);
    }

    public byte[] ToArray() => _bytes.ToArray();

    private RawHeader Write(byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
