namespace GpuStack.Modeling.Fetching;

/// <summary>
/// A file on its way: <c>NAME.partial</c>, what it is of beside it, and the digest of the bytes that are there. It gets its name when it is
/// complete, on disk and verified. Not for concurrent use.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const int Block = 1 << 20;
    private const int NoSpace = 28;
    private const int OverQuota = 122;

    private readonly FetchFile _file;
    private readonly string _path;
    private readonly FetchProgress _progress;
    private readonly FileStream _stream;
    private ContentHash _hash;

    private PartialFile(FetchFile file, string path, FetchProgress progress)
    {
        _file = file;
        _path = path;
        _progress = progress;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _stream = new FileStream(path + CacheLayout.PartialSuffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, useAsync: false);
        _hash = new ContentHash(file);
    }

    /// <summary>How many bytes are there.</summary>
    public long Length { get; private set; }

    /// <summary>Opens the file with what an earlier run left, as far as it can be shown to be of the same version.</summary>
    public static async Task<PartialFile> OpenAsync(FetchFile file, string path, FetchProgress progress, CancellationToken cancellationToken)
    {
        var partial = new PartialFile(file, path, progress);
        try
        {
            long keep = RangeDecision.Keep(file, PartialState.Read(path + CacheLayout.StateSuffix), partial._stream.Length);
            if (keep == 0)
            {
                partial.Begin();
            }
            else
            {
                await partial.ReadAgainAsync(keep, cancellationToken).ConfigureAwait(false);
            }

            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>Adds the next bytes.</summary>
    /// <exception cref="FetchException">They cannot be written.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        OnDisk(bytes, static (self, added) => self._stream.Write(added));
        _hash.Append(bytes);
        Length += bytes.Length;
        _progress.Receive(bytes.Length);
    }

    /// <summary>Throws away what is there.</summary>
    public void StartAgain()
    {
        _progress.Find(-Length);
        Begin();
    }

    /// <summary>Verifies the complete file and gives it its name; else throws it away.</summary>
    /// <returns>SHA-256 of it, and what is wrong with it; null when nothing is.</returns>
    public (string Sha256, string? Wrong) Finish()
    {
        OnDisk([], static (self, _) => self._stream.Flush(flushToDisk: true));
        (string sha256, string? wrong) = _hash.Verify(_file);
        if (wrong is null)
        {
            _stream.Dispose();
            DurableFile.Rename(_path + CacheLayout.PartialSuffix, _path);
            File.Delete(_path + CacheLayout.StateSuffix);
        }
        else
        {
            StartAgain();
        }

        return (sha256, wrong);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    /// <summary>The digest of a file's bytes, read from disk.</summary>
    public static async Task<string> Sha256Async(string path, CancellationToken cancellationToken)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The state is on disk before the first byte is: bytes never stand beside a state that is not theirs.</summary>
    private void Begin() => OnDisk([], static (self, _) =>
    {
        if (self._stream.Length > 0)
        {
            self._stream.SetLength(0);
        }

        self._stream.Position = 0;
        self.Length = 0;
        self._hash.Dispose();
        self._hash = new ContentHash(self._file);
        DurableFile.Write(self._path + CacheLayout.StateSuffix, PartialState.Of(self._file).ToJson());
    });

    private async Task ReadAgainAsync(long keep, CancellationToken cancellationToken)
    {
        var block = new byte[Block];
        while (Length < keep)
        {
            int count = await _stream.ReadAsync(block.AsMemory(0, (int)Math.Min(block.Length, keep - Length)), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                break;
            }

            _hash.Append(block.AsSpan(0, count));
            Length += count;
        }

        _progress.Find(Length);
    }

    private void OnDisk(ReadOnlySpan<byte> bytes, Step step)
    {
        try
        {
            step(this, bytes);
        }
        catch (IOException exception)
        {
            throw exception.HResult is NoSpace or OverQuota
                ? new DiskFullException(exception)
                : new FetchException($"{_path}: cannot be written: {exception.Message.TrimEnd('.')}; check the disk.", exception);
        }
    }

    private delegate void Step(PartialFile self, ReadOnlySpan<byte> bytes);
}
