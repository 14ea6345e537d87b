using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Fetching;

/// <summary>
/// Brings a model to a folder of this machine. In order: a finished model is found by its manifest, without any request; the source's lock
/// is taken; what is to be fetched is resolved to a version, its files with sizes and digests; room for them is checked; each file comes
/// as <c>NAME.partial</c>, is verified and renamed; the manifest is written last. Whatever interrupts this, the next run goes on from the
/// bytes that are there.
/// </summary>
/// <param name="client">Made with <see cref="HttpByteRangeSource.CreateHandler"/>; all requests go through it.</param>
/// <param name="settings">Endpoints, mirrors and tokens.</param>
/// <param name="options">Pauses, lines and time.</param>
public sealed class ModelFetcher(HttpClient client, ModelHubSettings settings, FetchOptions options)
{
    /// <summary>How often a source that changes while it is fetched is planned anew.</summary>
    private const int Versions = 3;

    /// <summary>Beyond any download; the caller's own deadline is a cancellation.</summary>
    private static readonly TimeSpan Unlimited = TimeSpan.FromDays(365);

    /// <summary>Fetches a model, or finds it.</summary>
    /// <exception cref="ByteRangeException">The place cannot be reached, refuses, or holds no such file.</exception>
    /// <exception cref="ModelChoiceException">There is no such model, or there are several.</exception>
    /// <exception cref="FetchException">It cannot be brought to the folder.</exception>
    public async Task<FetchedModel> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        ModelLocation location = request.Location;
        if (location.Kind is ModelLocationKind.File or ModelLocationKind.Oci)
        {
            throw new ModelChoiceException($"{location}: is no model that could be fetched; name hf://owner/repo, ms://owner/repo or an address, and mount images and local files.", []);
        }

        CacheLayout layout = CacheLayout.Of(request, settings);
        if (!request.Refresh && FetchManifest.Read(layout.ManifestPath)?.Find(layout.SourceFolder) is { } there)
        {
            return there;
        }

        Directory.CreateDirectory(layout.SourceFolder);
        using FetchLock held = await FetchLock.TakeAsync(layout, options, cancellationToken).ConfigureAwait(false);

        // Somebody may have fetched it while this waited.
        if (!request.Refresh && FetchManifest.Read(layout.ManifestPath)?.Find(layout.SourceFolder) is { } fetched)
        {
            return fetched;
        }

        for (int version = 1; ; version++)
        {
            try
            {
                return await FetchVersionAsync(request, layout, cancellationToken).ConfigureAwait(false);
            }
            catch (OtherVersionException exception) when (version < Versions)
            {
                options.Say(exception.Message);
            }
            catch (OtherVersionException exception)
            {
                throw new FetchException(exception.Message, exception);
            }
        }
    }

    private static FetchManifest Manifest(FetchSet set, string folder, ConcurrentDictionary<string, string> digests) => new()
    {
        Source = set.Source,
        Commit = set.Commit,
        Format = set.Format,
        Folder = Path.GetFileName(folder),
        ModelPath = set.ModelPath,
        ProjectorPath = set.ProjectorPath,
        Files = [.. set.Files.Select(file => new FetchedFile(file.Path, file.Size, digests[file.Path]))],
    };

    /// <summary>The files that are not there yet under their final names.</summary>
    private static ImmutableArray<FetchFile> Missing(FetchSet set, string folder) =>
    [
        .. set.Files.Where(file => !set.IsVersioned
            || new FileInfo(CacheLayout.FileIn(folder, file.Path)) is not { Exists: true } found || found.Length != file.Size),
    ];

    /// <summary>Bytes that must still come, as far as the partial files tell.</summary>
    private static long MissingBytes(IEnumerable<FetchFile> missing, string folder) => missing.Sum(file =>
    {
        string path = CacheLayout.FileIn(folder, file.Path);
        var partial = new FileInfo(path + CacheLayout.PartialSuffix);
        return file.Size - (partial.Exists ? RangeDecision.Keep(file, PartialState.Read(path + CacheLayout.StateSuffix), partial.Length) : 0);
    });

    private async Task<FetchedModel> FetchVersionAsync(FetchRequest request, CacheLayout layout, CancellationToken cancellationToken)
    {
        var resolving = new HttpByteRangeOptions { TimeProvider = options.TimeProvider, Attempts = 5 };
        FetchSet set = await new SetResolver(new ModelOpener(client, settings, resolving), request).ResolveAsync(cancellationToken).ConfigureAwait(false);
        string folder = layout.VersionFolder(set.Version());
        ImmutableArray<FetchFile> missing = Missing(set, folder);
        long total = set.Files.Sum(file => file.Size);
        var progress = new FetchProgress(total, options.TimeProvider);
        progress.Find(total - missing.Sum(file => file.Size));
        CheckRoom(request.Directory, MissingBytes(missing, folder));
        options.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"Fetching {set.Source}{(set.Commit is { } commit ? $" (commit {commit})" : "")}: {missing.Length} of {set.Files.Length} files, {new Bytes(MissingBytes(missing, folder))}"));
        ConcurrentDictionary<string, string> digests = await BringAsync(request, set, missing, folder, progress, cancellationToken).ConfigureAwait(false);
        foreach (FetchFile file in set.Files.Where(file => !digests.ContainsKey(file.Path)))
        {
            digests[file.Path] = file.Sha256
                ?? await PartialFile.Sha256Async(CacheLayout.FileIn(folder, file.Path), cancellationToken).ConfigureAwait(false);
        }

        FetchManifest manifest = Manifest(set, folder, digests);
        DurableFile.Write(layout.ManifestPath, manifest.ToJson());
        return (manifest.Find(layout.SourceFolder) ?? throw new FetchException($"{folder}: a file vanished while the others were fetched; leave the folder to this command."))
            with
        { WasThere = missing.IsEmpty, ReceivedBytes = progress.Received };
    }

    private async Task<ConcurrentDictionary<string, string>> BringAsync(
        FetchRequest request, FetchSet set, ImmutableArray<FetchFile> missing, string folder, FetchProgress progress, CancellationToken cancellationToken)
    {
        var digests = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        if (missing.IsEmpty)
        {
            return digests;
        }

        Directory.CreateDirectory(folder);
        ModelLocation pinned = set.Commit is { } commit ? request.Location with { Revision = commit } : request.Location;
        var patience = new HttpByteRangeOptions { TimeProvider = options.TimeProvider, Attempts = 1, Timeout = options.Stall, Deadline = Unlimited };
        ImmutableArray<IRemoteRepository> endpoints = new ModelOpener(client, settings, patience).Remotes(pinned)!.Value;
        var download = new FileDownload(endpoints, folder, progress, options);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task lines = SayProgressAsync(progress, done.Token);
        try
        {
            var files = new ParallelOptions { MaxDegreeOfParallelism = request.Parallel, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(missing, files, async (file, token) =>
                digests[file.Path] = await download.RunAsync(file, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (DiskFullException exception)
        {
            throw new FetchException(
                $"{request.Directory}: the disk is full: {new Bytes(MissingBytes(Missing(set, folder), folder))} are still missing, and {Free(request.Directory)}; free some, or give another --to.",
                exception);
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await lines.ConfigureAwait(false);
        }

        return digests;
    }

    private void CheckRoom(string directory, long missing)
    {
        if (options.FreeSpace(directory) is { } free && free < missing)
        {
            throw new FetchException(
                $"{directory}: {new Bytes(missing)} are needed, and {new Bytes(free)} are free on its disk; free {new Bytes(missing - free)} more, or give another --to.");
        }
    }

    private string Free(string directory) => options.FreeSpace(directory) is { } free ? $"{new Bytes(free)} are free" : "what is free cannot be told";

    private async Task SayProgressAsync(FetchProgress progress, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.ProgressInterval, options.TimeProvider);
        options.Report(new FetchState(progress.There, progress.Total, 0));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                FetchState state = progress.Step();
                options.Report(state);
                options.Say(FetchProgress.Line(state.There, state.Total, state.BytesPerSecond));
            }
        }
        catch (OperationCanceledException)
        {
            // All files are there, or the work ends otherwise.
        }
    }
}
