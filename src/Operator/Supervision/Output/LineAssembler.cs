using System.Text;

namespace GpuStack.Operator.Supervision.Output;

/// <summary>
/// Cuts a stream of bytes into lines: at line feeds, and at carriage returns, with which progress bars rewrite theirs. Of a longer line only the
/// beginning is kept; bytes that are no UTF-8 become replacement characters.
/// </summary>
internal sealed class LineAssembler
{
    /// <summary>Bytes of a line that are looked at.</summary>
    public const int MaxLine = 4096;

    private readonly byte[] _line = new byte[MaxLine];
    private int _length;

    /// <summary>Calls <paramref name="line"/> for each line that ends in these bytes; empty ones are passed over.</summary>
    public void Add(ReadOnlySpan<byte> bytes, Action<string> line)
    {
        while (true)
        {
            var end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            var part = end < 0 ? bytes : bytes[..end];
            var kept = part[..Math.Min(part.Length, MaxLine - _length)];
            kept.CopyTo(_line.AsSpan(_length));
            _length += kept.Length;
            if (end < 0)
                return;
            End(line);
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>What is left without an end of line.</summary>
    public void End(Action<string> line)
    {
        if (_length > 0)
            line(Encoding.UTF8.GetString(_line, 0, _length));
        _length = 0;
    }
}
