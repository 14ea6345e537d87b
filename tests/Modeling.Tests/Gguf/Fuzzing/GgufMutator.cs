using System.Buffers.Binary;

namespace GpuStack.Modeling.Tests.Gguf.Fuzzing;

/// <summary>
/// Makes new inputs of old ones: flipped bits, changed, removed, repeated and inserted bytes, lengths and counts at their limits,
/// pieces of other inputs. The same seed makes the same inputs.
/// </summary>
/// <param name="corpus">What is spoiled already, or only a piece.</param>
/// <param name="models">Whole models: every second input is one of them with few changes, so that it gets far before it ends.</param>
/// <param name="seed">Decides everything.</param>
internal sealed class GgufMutator(IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> models, int seed)
{
    private const int MaximumLength = 1 << 16;

    private static readonly ulong[] Telling =
    [
        0, 1, 2, 3, 4, 8, 9, 12, 13, 31, 32, 33, 63, 64, 255, 256, 257, 4096, 4097, 65_535, 65_536, 200_000, 200_001, 16_000_000, 16_000_001,
        int.MaxValue, uint.MaxValue, (ulong)uint.MaxValue + 1, 1UL << 62, long.MaxValue, 1UL << 63, ulong.MaxValue - 7, ulong.MaxValue,
    ];

    private readonly Random _random = new(seed);

    /// <summary>A new input, made of any.</summary>
    public byte[] Next() => _random.Next(2) == 0 ? Next(models[_random.Next(models.Count)], 1 + _random.Next(2)) : Next(Pick(), _random.Next(1, 8));

    /// <summary>A new input, made of this one by so many changes.</summary>
    public byte[] Next(byte[] original, int changes)
    {
        byte[] bytes = [.. original];
        for (; changes > 0; changes--)
        {
            bytes = Change(bytes);
        }

        return bytes.Length > MaximumLength ? bytes[..MaximumLength] : bytes;
    }

    private byte[] Pick() => corpus[_random.Next(corpus.Count)];

    private byte[] Change(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return [.. Pick()];
        }

        int at = _random.Next(bytes.Length);
        int length = _random.Next(1, Math.Min(64, bytes.Length - at) + 1);
        switch (_random.Next(11))
        {
            case 0 or 9 or 10:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                return bytes;
            case 2 or 3:
                WriteNumber(bytes.AsSpan(at));
                return bytes;
            case 4:
                return bytes[..at];
            case 5:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 6:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 7:
                byte[] inserted = new byte[_random.Next(1, 16)];
                _random.NextBytes(inserted);
                return [.. bytes[..at], .. inserted, .. bytes[at..]];
            default:
                byte[] other = Pick();
                return other.Length == 0 ? bytes : [.. bytes[..at], .. other[_random.Next(other.Length)..]];
        }
    }

    /// <summary>Puts a number where one may stand: often at a limit, sometimes one beside what is there, in either byte order.</summary>
    private void WriteNumber(Span<byte> place)
    {
        bool bigEndian = _random.Next(4) == 0;
        if (place.Length >= sizeof(ulong) && _random.Next(3) > 0)
        {
            ulong present = bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(place) : BinaryPrimitives.ReadUInt64LittleEndian(place);
            ulong value = _random.Next(3) == 0 ? unchecked(present + (ulong)_random.NextInt64(-3, 4)) : Telling[_random.Next(Telling.Length)];
            if (bigEndian)
            {
                BinaryPrimitives.WriteUInt64BigEndian(place, value);
            }
            else
            {
                BinaryPrimitives.WriteUInt64LittleEndian(place, value);
            }
        }
        else if (place.Length >= sizeof(uint))
        {
            uint value = unchecked((uint)Telling[_random.Next(Telling.Length)]);
            if (bigEndian)
            {
                BinaryPrimitives.WriteUInt32BigEndian(place, value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(place, value);
            }
        }
    }
}
