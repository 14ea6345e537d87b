using System.Globalization;
using System.Text;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>
/// Finds the files of a tar archive (ustar, pax, GNU) by its headers alone: 512 bytes before each file, whose content is passed over.
/// Of an archive that can only be read from the front, what lies behind the first large file is not looked for. Names of more than 4 KiB
/// and extended headers of more than 64 KiB are refused before they are read; sparse files and links are left out.
/// </summary>
internal sealed class TarIndex
{
    private const int Block = 512;
    private const int MostEntries = 4096;
    private const int LongestName = 4096;
    private const int LargestExtension = 64 << 10;

    private readonly IByteRangeSource _archive;
    private readonly byte[] _header = new byte[Block];

    private TarIndex(IByteRangeSource archive) => _archive = archive;

    /// <param name="archive">The archive.</param>
    /// <param name="passable">The largest content that is passed over to look for more; larger ones end the search.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ByteRangeException">It is no tar archive, or cannot be read.</exception>
    public static async ValueTask<IReadOnlyList<TarEntry>> ReadAsync(IByteRangeSource archive, long passable, CancellationToken cancellationToken)
    {
        var index = new TarIndex(archive);
        var entries = new List<TarEntry>();
        string? longName = null;
        long? longSize = null;
        long offset = 0;
        for (int headers = 0; await index.FillAsync(offset, index._header, cancellationToken).ConfigureAwait(false); headers++)
        {
            if (index._header.AsSpan().IndexOfAnyExcept((byte)0) < 0)
            {
                break;
            }

            if (headers == MostEntries)
            {
                throw index.Refuse($"holds more than {MostEntries} entries");
            }

            index.Verify();
            char kind = (char)index._header[156];
            long size = kind is 'x' or 'L' or 'g' or 'K' ? index.Size() : longSize ?? index.Size();
            long content = offset + Block;
            if (size > long.MaxValue - content - Block)
            {
                throw index.Refuse("states a size beyond any file");
            }

            switch (kind)
            {
                case 'L':
                    longName = Text(await index.ContentAsync(content, size, LongestName, cancellationToken).ConfigureAwait(false));
                    break;
                case 'x':
                    (longName, longSize) = Extension(await index.ContentAsync(content, size, LargestExtension, cancellationToken).ConfigureAwait(false), longName);
                    break;
                case '0' or '\0':
                    string path = Plain(longName ?? index.Name());
                    if (RelativePath.IsSafe(path))
                    {
                        entries.Add(new TarEntry(path, content, size));
                    }

                    goto default;
                default:
                    (longName, longSize) = kind is 'g' or 'K' ? (longName, longSize) : (null, null);
                    break;
            }

            if (size > passable)
            {
                break;
            }

            offset = content + ((size + Block - 1) / Block * Block);
        }

        return entries;
    }

    /// <summary>Archives of a directory name its files <c>./…</c>.</summary>
    private static string Plain(string path) => (path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path).TrimStart('/');

    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and int end ? field[..end] : field);

    /// <summary>Records of "LENGTH KEY=VALUE\n".</summary>
    private static (string? Path, long? Size) Extension(byte[] records, string? path)
    {
        long? size = null;
        ReadOnlySpan<byte> rest = records;
        while (rest.IndexOf((byte)' ') is > 0 and int space
            && int.TryParse(rest[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length > space + 1 && length <= rest.Length)
        {
            string record = Encoding.UTF8.GetString(rest[(space + 1)..(length - 1)]);
            int equals = record.IndexOf('=', StringComparison.Ordinal);
            switch (equals < 0 ? "" : record[..equals])
            {
                case "path":
                    path = record[(equals + 1)..];
                    break;
                case "size" when long.TryParse(record.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long stated):
                    size = stated;
                    break;
            }

            rest = rest[length..];
        }

        return (path, size);
    }

    private string Name()
    {
        string name = Text(_header.AsSpan(0, 100));
        bool isUstar = _header.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        return isUstar && _header[345] != 0 ? $"{Text(_header.AsSpan(345, 155))}/{name}" : name;
    }

    private long Size()
    {
        ReadOnlySpan<byte> field = _header.AsSpan(124, 12);
        if ((field[0] & 0x80) != 0)
        {
            // GNU: a number in base 256; its first bytes are beyond what a file can have.
            long number = 0;
            foreach (byte digit in field[4..])
            {
                number = (number << 8) | digit;
            }

            return field[1] == 0 && field[2] == 0 && field[3] == 0 && number >= 0 ? number : throw Refuse("states a size beyond any file");
        }

        return Octal(field) ?? throw Refuse("states a size that is no number");
    }

    private void Verify()
    {
        long sum = 8 * ' ';
        for (int i = 0; i < Block; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : _header[i];
        }

        if (Octal(_header.AsSpan(148, 8)) != sum)
        {
            throw Refuse("is no tar archive, or a damaged one");
        }
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        field = field.Trim(" \0"u8);
        long number = 0;
        foreach (byte digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            number = (number << 3) + (digit - '0');
        }

        return number;
    }

    private async ValueTask<byte[]> ContentAsync(long offset, long size, int most, CancellationToken cancellationToken)
    {
        if (size > most)
        {
            throw Refuse($"has an extended header of {size} bytes");
        }

        var content = new byte[size];
        return await FillAsync(offset, content, cancellationToken).ConfigureAwait(false) ? content : throw Refuse("ends within an extended header");
    }

    private async ValueTask<bool> FillAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (int read = 0; read < buffer.Length;)
        {
            int count = await _archive.ReadAsync(offset + read, buffer[read..], cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            read += count;
        }

        return true;
    }

    private ByteRangeException Refuse(string what) => new($"{_archive.Name}: the archive {what}; upload the model again.");
}
