using System.Collections.Concurrent;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Fetching;

/// <summary>A folder to fetch to, and a fetcher whose pauses are short.</summary>
internal sealed class FetchFolder : IDisposable
{
    private readonly HttpClient _client = new(HttpByteRangeSource.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    public string Folder { get; } = Directory.CreateTempSubdirectory("gpustack-fetch").FullName;

    /// <summary>The lines that were said.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    public FetchOptions Options { get; set; } = new()
    {
        Retries = new RetryRules { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(2), LongestRequested = TimeSpan.FromSeconds(2) },
        LockInterval = TimeSpan.FromMilliseconds(5),
        ProgressInterval = TimeSpan.FromMilliseconds(20),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public FetchRequest Request(string location) => new() { Location = ModelLocation.Parse(location), Directory = Folder };

    public Task<FetchedModel> RunAsync(string location, ModelHubSettings settings) => RunAsync(Request(location), settings, Token);

    public Task<FetchedModel> RunAsync(FetchRequest request, ModelHubSettings settings, CancellationToken? token = null) =>
        new ModelFetcher(_client, settings, Options with { Say = Lines.Enqueue }).FetchAsync(request, token ?? Token);

    /// <summary>The files below the folder that are no bookkeeping, by their paths, with <c>/</c>.</summary>
    public string[] Everything() =>
    [
        .. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(file => !Path.GetFileName(file).StartsWith('.'))
            .Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
