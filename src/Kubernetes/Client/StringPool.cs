using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// Short texts that come again and again (names of labels, namespaces, images, condition types), each kept once.
/// </summary>
/// <remarks>
/// A table of fixed size, two places for each hash: a new text takes the first place, what stood there moves to the second, and what stood
/// there is forgotten. So memory is bounded whatever a server sends, and texts that come once push out what is used little. Threads may
/// overwrite each other's entries; a lost one is only read anew.
/// </remarks>
internal sealed class StringPool
{
    /// <summary>Longer texts are seldom the same.</summary>
    public const int MaxLength = 128;

    private const int Places = 16 * 1024;

    private readonly string?[] _texts = new string?[Places];

    /// <summary>The text; null when it is too long or not ASCII, and not for this pool.</summary>
    public string? Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > MaxLength) return null;
        var place = (int)(Hash(utf8) % Places);
        if (_texts[place] is { } first && Ascii.Equals(utf8, first)) return first;
        if (_texts[place ^ 1] is { } second && Ascii.Equals(utf8, second)) return second;
        if (!Ascii.IsValid(utf8)) return null;
        var text = Encoding.ASCII.GetString(utf8);
        _texts[place ^ 1] = _texts[place];
        _texts[place] = text;
        return text;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)bytes.Length * Multiplier;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Multiplier, 29);
        foreach (var one in bytes) hash = BitOperations.RotateLeft((hash ^ one) * Multiplier, 29);
        return (uint)(hash ^ (hash >> 32));
    }
}
