using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuStack.Simulator.Hub;

/// <summary>A part of a file, from RFC 9110's Range header.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">How many.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ByteRange(long Start, long Length)
{
    /// <summary>
    /// Reads a header. No range at all, several ranges and other units give null (the whole file is served, as the RFC
    /// allows); a range that no byte lies in gives false.
    /// </summary>
    public static bool TryRead(string? header, long size, out ByteRange? range)
    {
        range = null;
        if (header is null || !header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) || header.Contains(',', StringComparison.Ordinal))
            return true;
        var spec = header.AsSpan("bytes=".Length).Trim();
        var dash = spec.IndexOf('-');
        if (dash < 0)
            return true;
        var hasStart = TryNumber(spec[..dash], out var start);
        var hasEnd = TryNumber(spec[(dash + 1)..], out var end);
        if (!hasStart && hasEnd && dash == 0)
        {
            // The last bytes.
            if (end == 0)
                return false;
            var length = Math.Min(end, size);
            range = new ByteRange(size - length, length);
            return length > 0;
        }
        if (!hasStart || (!hasEnd && dash != spec.Length - 1) || (hasEnd && end < start))
            return true;
        if (start >= size)
            return false;
        range = new ByteRange(start, Math.Min(hasEnd ? end : size - 1, size - 1) - start + 1);
        return true;
    }

    /// <summary>A number beyond any file is the largest one.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return true;
        number = long.MaxValue;
        return text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');
    }
}
