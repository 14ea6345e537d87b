using System.Buffers.Binary;
using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Safetensors;

/// <summary>
/// Reads the header of a safetensors file: its length in 8 bytes, little-endian, then JSON. The data is never read. Everything the
/// file claims is checked before it is believed, so that a hostile file costs bounded memory and ends in a
/// <see cref="SafetensorsFormatException"/>.
/// </summary>
public static class SafetensorsReader
{
    /// <summary>Reads the header of a source.</summary>
    /// <exception cref="SafetensorsFormatException">The source holds no safetensors header that can be read.</exception>
    /// <exception cref="ByteRangeException">The source cannot be read.</exception>
    public static async Task<SafetensorsHeader> ReadAsync(
        IByteRangeSource source, SafetensorsLimits? limits = null, CancellationToken cancellationToken = default)
    {
        limits ??= SafetensorsLimits.Default;
        var parser = new SafetensorsHeaderParser(source.Name, limits);
        long length = await ReadLengthAsync(source, parser, limits, cancellationToken).ConfigureAwait(false);
        long dataOffset = sizeof(ulong) + length;
        if (source.Length < dataOffset)
        {
            throw parser.Refuse($"is {source.Length} bytes long, but its header ends at {dataOffset}", "it is incomplete: download it again");
        }

        var stream = new JsonStream(source, sizeof(ulong), length, length, limits.TextBytes, maximumDepth: 16);
        try
        {
            switch (await stream.ReadAsync(parser.Take, cancellationToken).ConfigureAwait(false))
            {
                case JsonStream.End.Truncated:
                    throw parser.Refuse("ends within its header", "it is incomplete: download it again");
                case JsonStream.End.TokenTooLong:
                    throw parser.Refuse($"its header holds a text of more than the {limits.TextBytes} bytes allowed");
            }
        }
        catch (JsonException)
        {
            throw parser.Refuse("its header is no valid JSON");
        }
        catch (InvalidOperationException)
        {
            throw parser.Refuse("its header holds text that is no valid Unicode");
        }

        SafetensorsHeader header = parser.Finish(dataOffset);
        CheckComplete(source, parser, header);
        return header;
    }

    private static async Task<long> ReadLengthAsync(
        IByteRangeSource source, SafetensorsHeaderParser parser, SafetensorsLimits limits, CancellationToken cancellationToken)
    {
        byte[] prefix = new byte[sizeof(ulong) + 1];
        int filled = 0;
        while (filled < prefix.Length)
        {
            int read = await source.ReadAsync(filled, prefix.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (read <= 0)
            {
                throw parser.Refuse("ends within its first 9 bytes", "it is incomplete: download it again");
            }

            filled += read;
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (prefix[^1] != '{')
        {
            throw parser.Refuse("does not begin as a safetensors file does, with the length of a JSON object and the object", "name a .safetensors file");
        }

        return length is >= 2 && length <= (ulong)limits.HeaderBytes
            ? (long)length
            : throw parser.Refuse($"claims a header of {length} bytes, where 2 to {limits.HeaderBytes} are expected");
    }

    /// <summary>A header alone is fine (samples, caches); a header with a part of its data is a broken download.</summary>
    private static void CheckComplete(IByteRangeSource source, SafetensorsHeaderParser parser, SafetensorsHeader header)
    {
        long end = header.DataOffset + header.DataSize.Value;
        if (source.Length is { } length && length > header.DataOffset && length != end)
        {
            throw parser.Refuse($"is {length} bytes long, but its tensors end at {end}", length < end ? "it is incomplete: download it again" : "download it again");
        }
    }
}
