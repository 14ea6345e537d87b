namespace GpuStack.Modeling.Fetching;

/// <summary>
/// One download per source and node. The lock is the kernel's (flock on an open file): it goes with the process, however that ends, so
/// that none is ever stale, and it holds between containers that mount the same folder. The file stays: without its name two processes
/// could each lock a file of their own.
/// </summary>
internal sealed class FetchLock : IDisposable
{
    private const int LongestHolder = 200;
    private const int WouldBlock = 11;
    private const int SharingViolation = unchecked((int)0x80070020);
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);

    private readonly FileStream _file;

    private FetchLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, and waits as long as somebody else has it.</summary>
    /// <exception cref="FetchException">The file cannot be opened.</exception>
    public static async Task<FetchLock> TakeAsync(CacheLayout layout, FetchOptions options, CancellationToken cancellationToken)
    {
        long? said = null;
        while (true)
        {
            if (Try(layout.LockPath) is { } taken)
            {
                TellHolder(layout.HolderPath, options);
                return taken;
            }

            if (said is null || options.TimeProvider.GetElapsedTime(said.Value) >= Reminder)
            {
                options.Say($"Waiting for {Holder(layout.HolderPath)}, which fetches to {layout.SourceFolder}");
                said = options.TimeProvider.GetTimestamp();
            }

            await Task.Delay(options.LockInterval, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FetchLock? Try(string path)
    {
        try
        {
            // No sharing is an exclusive flock, taken or refused at once.
            return new FetchLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException exception) when (exception.HResult is WouldBlock or SharingViolation)
        {
            return null;
        }
    }

    /// <summary>Only a courtesy to those who wait: the lock does not depend on it, and what a crashed process left in it harms nobody.</summary>
    private static void TellHolder(string path, FetchOptions options)
    {
        try
        {
            File.WriteAllText(path, $"{options.Holder} since {options.TimeProvider.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string Holder(string path)
    {
        try
        {
            var text = new char[LongestHolder];
            using var reader = new StreamReader(path);
            int length = reader.ReadBlock(text);
            return length == 0 ? "another process" : new string([.. text.Take(length).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
