using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Selectors;
using GpuStack.Simulator.ApiServer.Serving;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Writing;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Watching;

/// <summary>
/// WATCH. From no resourceVersion or "0" it begins with the objects there are; from a version it sends every change after it. A
/// change that makes an object enter or leave the selection is sent as ADDED or DELETED. Bookmarks tell clients that ask for them
/// how far they have come.
/// </summary>
internal sealed class WatchHandler(ClusterStore store, CancellationToken stopping)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(60);

    /// <summary>The last bookmark comes this long before the watch's end, so that the next watch begins where this one was.</summary>
    private static readonly TimeSpan BookmarkLead = TimeSpan.FromSeconds(2);

    /// <summary>A client that is further behind is cut off; it holds every version it has not read in memory.</summary>
    private const int MaxBehind = 16 * 1024;
    private const int DefaultTimeoutSeconds = 1800;
    private const int MaxTimeoutSeconds = 24 * 3600;
    private const string InitialEventsEnd = "k8s.io/initial-events-end";

    public async Task HandleAsync(ApiRequest request)
    {
        var resource = request.Resource;
        var key = resource.Definition.Key;
        var selection = new Selection(
            LabelSelector.Parse(request.Query("labelSelector")), FieldSelector.Parse(WithName(request), resource), resource);
        var form = Negotiation.Choose(request.Accept);
        var initialEvents = request.Flag("sendInitialEvents");
        if (initialEvents && request.Query("resourceVersionMatch") != "NotOlderThan")
        {
            throw ApiException.Invalid(new ResourceKey("meta.k8s.io", "ListOptions"), "", [FieldProblem.Forbidden(
                "resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]);
        }

        var from = request.Query("resourceVersion") is { Length: > 0 } and not "0" ? request.Number("resourceVersion") : null;
        var stream = new WatchStream(request, form, store.Time);
        var lasts = TimeSpan.FromSeconds(Math.Clamp(request.Number("timeoutSeconds") ?? DefaultTimeoutSeconds, 1, MaxTimeoutSeconds));
        var end = store.Time.GetUtcNow() + lasts;
        using var deadline = new CancellationTokenSource(lasts, store.Time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping, deadline.Token);
        try
        {
            using var watch = store.Watch(key, request.Namespace, initialEvents ? null : from, MaxBehind);
            await RunAsync(request, stream, watch, selection, initialEvents, end, ended.Token).ConfigureAwait(false);
        }
        catch (StoreException expired) when (expired.Failure == StoreFailure.Expired)
        {
            stream.Error(ApiException.From(expired));
            await stream.FlushAsync(request.Aborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The watch's time is over, or the client has gone: the stream just ends.
        }
    }

    private async Task RunAsync(
        ApiRequest request, WatchStream stream, StoreWatch watch, Selection selection, bool initialEvents, DateTimeOffset end,
        CancellationToken ended)
    {
        var bookmarks = request.Flag("allowWatchBookmarks");
        foreach (var item in watch.Initial.Items.Where(selection.Matches))
        {
            stream.Send("ADDED", item);
            await stream.FlushLargeAsync(ended).ConfigureAwait(false);
        }

        stream.Saw(watch.Initial.ResourceVersion);
        if (initialEvents && bookmarks)
            stream.Bookmark(watch.Initial.ResourceVersion, new JsonObject { [InitialEventsEnd] = "true" });
        // Headers go out at once: clients wait for them.
        await stream.FlushAsync(ended).ConfigureAwait(false);
        var nextBookmark = NextBookmark(end);
        while (true)
        {
            var untilBookmark = nextBookmark - store.Time.GetUtcNow();
            using var pause = new CancellationTokenSource(untilBookmark > TimeSpan.Zero ? untilBookmark : TimeSpan.Zero, store.Time);
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(ended, pause.Token);
            try
            {
                if (!await watch.Events.WaitToReadAsync(wait.Token).ConfigureAwait(false))
                    return;
                while (watch.Events.TryRead(out var change))
                {
                    Send(stream, selection, change);
                    await stream.FlushLargeAsync(ended).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (!ended.IsCancellationRequested)
            {
                // Only the pause is over: time for a bookmark.
            }

            if (store.Time.GetUtcNow() >= nextBookmark)
            {
                if (bookmarks)
                    await BookmarkAsync(stream, watch, selection, ended).ConfigureAwait(false);
                nextBookmark = NextBookmark(end);
            }

            await stream.FlushAsync(ended).ConfigureAwait(false);
        }
    }

    /// <summary>Tells how far the whole cluster has come, after all changes up to there.</summary>
    private async Task BookmarkAsync(WatchStream stream, StoreWatch watch, Selection selection, CancellationToken ended)
    {
        var posted = store.PostedVersion;
        while (watch.Events.TryRead(out var change))
        {
            Send(stream, selection, change);
            await stream.FlushLargeAsync(ended).ConfigureAwait(false);
        }

        // A watch that was cut off has not been posted everything.
        stream.Bookmark(watch.Events.Completion.IsCompleted ? stream.LastSeen : posted, annotations: null);
    }

    private DateTimeOffset NextBookmark(DateTimeOffset end)
    {
        var now = store.Time.GetUtcNow();
        var next = now + BookmarkInterval;
        var last = end - BookmarkLead;
        return last > now && last < next ? last : next;
    }

    private static void Send(WatchStream stream, Selection selection, StoreEvent change)
    {
        stream.Saw(change.Object.ResourceVersion);
        var before = change.Previous is not null && selection.Matches(change.Previous);
        var after = change.Type != StoreEventType.Deleted && selection.Matches(change.Object);
        if (after)
            stream.Send(before ? "MODIFIED" : "ADDED", change.Object);
        else if (before && change.Type == StoreEventType.Deleted)
            stream.Send("DELETED", change.Object);
        else if (before)
            stream.Send("DELETED", LastSelected(change));
    }

    /// <summary>A client that selects by label is shown the object as it was while it was selected, in the version that took it away.</summary>
    private static StoredObject LastSelected(StoreEvent change)
    {
        var body = change.Previous!.ToMutable();
        body["metadata"]!["resourceVersion"] = $"{change.Object.ResourceVersion}";
        return new StoredObject(change.Previous.Definition, body, change.Object.ResourceVersion);
    }

    /// <summary>The old form of watching one object: its name in the path.</summary>
    private static string? WithName(ApiRequest request)
    {
        var selector = request.Query("fieldSelector");
        if (request.Name is null)
            return selector;
        var name = $"metadata.name={request.Name}";
        return string.IsNullOrEmpty(selector) ? name : $"{selector},{name}";
    }

    private sealed record Selection(LabelSelector Labels, FieldSelector Fields, Registry.ApiResource Resource)
    {
        public bool Matches(StoredObject item) =>
            Labels.Matches(item.Labels) && (Fields.IsEverything || Fields.Matches(ServedObject.Body(Resource, item)));
    }
}
