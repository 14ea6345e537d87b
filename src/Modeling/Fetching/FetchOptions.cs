using System.Globalization;

namespace GpuStack.Modeling.Fetching;

/// <summary>How models are fetched.</summary>
public sealed record FetchOptions
{
    /// <summary>How long no byte may come before a connection is given up.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often one line tells how far it is.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a lock that another process holds is tried.</summary>
    public TimeSpan LockInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When to try again.</summary>
    public RetryRules Retries { get; init; } = new();

    /// <summary>The bytes that are free on a folder's disk; null where that cannot be told.</summary>
    public Func<string, long?> FreeSpace { get; init; } = FreeBytes;

    /// <summary>What other processes are told of this one while they wait for it.</summary>
    public string Holder { get; init; } = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}");

    /// <summary>Takes the lines that tell how far it is.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>Takes how far it is, as often as a line tells it; the first time when the files are known.</summary>
    public Action<FetchState> Report { get; init; } = _ => { };

    /// <summary>Measures all of it.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    private static long? FreeBytes(string directory)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
