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
    private const int DefaultTimeoutSeconds = 1800;
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
        using var deadline = new CancellationTokenSource(
            TimeSpan.FromSeconds(Math.Max(1, request.Number("timeoutSeconds") ?? DefaultTimeoutSeconds)), store.Time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping, deadline.Token);
        try
        {
            using var watch = from is null || initialEvents
                ? store.Watch(key, request.Namespace)
                : store.Watch(key, request.Namespace, from.Value);
            await RunAsync(request, stream, watch, selection, initialEvents, ended.Token).ConfigureAwait(false);
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
        ApiRequest request, WatchStream stream, StoreWatch watch, Selection selection, bool initialEvents, CancellationToken ended)
    {
        var bookmarks = request.Flag("allowWatchBookmarks");
        foreach (var item in watch.Initial.Items.Where(selection.Matches))
            stream.Send("ADDED", item);
        if (initialEvents && bookmarks)
            stream.Bookmark(watch.Initial.ResourceVersion, new JsonObject { [InitialEventsEnd] = "true" });
        // Headers go out at once: clients wait for them.
        await stream.FlushAsync(ended).ConfigureAwait(false);
        var nextBookmark = store.Time.GetUtcNow() + BookmarkInterval;
        while (true)
        {
            using var pause = new CancellationTokenSource(BookmarkInterval, store.Time);
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(ended, pause.Token);
            try
            {
                if (!await watch.Events.WaitToReadAsync(wait.Token).ConfigureAwait(false))
                    return;
                while (watch.Events.TryRead(out var change))
                    Send(stream, selection, change);
            }
            catch (OperationCanceledException) when (!ended.IsCancellationRequested)
            {
                // Only the pause is over: time for a bookmark.
            }

            if (bookmarks && store.Time.GetUtcNow() >= nextBookmark)
            {
                stream.Bookmark(stream.LastSeen, annotations: null);
                nextBookmark = store.Time.GetUtcNow() + BookmarkInterval;
            }

            await stream.FlushAsync(ended).ConfigureAwait(false);
        }
    }

    private static void Send(WatchStream stream, Selection selection, StoreEvent change)
    {
        stream.Saw(change.Object.ResourceVersion);
        var before = change.Previous is not null && selection.Matches(change.Previous);
        var after = change.Type != StoreEventType.Deleted && selection.Matches(change.Object);
        if (after)
            stream.Send(before ? "MODIFIED" : "ADDED", change.Object);
        else if (before)
            stream.Send("DELETED", change.Object);
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
