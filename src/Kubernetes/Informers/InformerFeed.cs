using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Informers;

/// <summary>Follows a resource in one namespace, or in the whole cluster, and keeps an informer's store up to date with it.</summary>
/// <remarks>
/// The first objects come by a watch that begins with them (a streaming list); they are gathered until the bookmark that ends them, become
/// the cache as one, and the watch goes on. Where the server cannot do that they are listed, and watched from the list's resourceVersion.
/// Every event (bookmarks too) moves that version on, so that a watch that ends is taken up where it stood. Only when the server no longer
/// knows the version (410, Expired) are the objects read again, and what vanished meanwhile is reported as deleted. Versions of a list:
/// first "0" (the server's cache); later not older than what was seen; after Expired the newest, in pages. Of a streaming list: first the
/// newest, then the same. Failures back off; a server that is overloaded (429) or unreachable is watched again, not listed anew.
/// </remarks>
internal sealed class InformerFeed<T>
    where T : class, IKubernetesObject
{
    private const int PageSize = 500;

    /// <summary>A watch lasts between this and twice this, so that clients do not come back all at once.</summary>
    private static readonly TimeSpan MinWatch = TimeSpan.FromMinutes(5);

    /// <summary>A server that asks for more is asked again all the same: nobody would know for hours that it is well.</summary>
    private static readonly TimeSpan LongestAskedWait = TimeSpan.FromMinutes(5);

    private readonly IKubernetesClient _client;
    private readonly InformerOptions<T> _options;
    private readonly string? _scope;
    private readonly string _resource;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<double> _random;
    private readonly InformerBackoff _backoff;
    private readonly InformerStore<T> _store;
    private readonly TaskCompletionSource _initialSync = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Of the loop alone: the last version seen, whether the objects must be read anew, whether they must be the newest, whether the server
    // streams lists as far as we know, and whether the next list must not be a stream all the same.
    private string? _version;
    private bool _needsObjects = true;
    private bool _needsNewest;
    private bool _streams;
    private bool _listsNext;

    // Of the loop, too: when a watch expired last.
    private long? _expiredAt;
    private Exception? _lastError;

    /// <param name="client">The server.</param>
    /// <param name="options">What is followed.</param>
    /// <param name="scope">The namespace; null for all, and for resources that are in none.</param>
    /// <param name="store">What is kept up to date.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="random">A fraction between 0 and 1, for jitter.</param>
    public InformerFeed(IKubernetesClient client, InformerOptions<T> options, string? scope, InformerStore<T> store, TimeProvider time, ILogger logger, Func<double> random)
    {
        _client = client;
        _options = options;
        _scope = scope;
        _store = store;
        _time = time;
        _logger = logger;
        _random = random;
        _backoff = new InformerBackoff(time, random);
        _streams = options.StreamingList;
        _resource = EntityMetadata.Of<T>().PluralName;
    }

    /// <summary>Completes once the first objects are in the store; cancelled when the run ends before.</summary>
    public Task InitialSync => _initialSync.Task;

    /// <summary>The last thing that went wrong; null when nothing did.</summary>
    public Exception? LastError => Volatile.Read(ref _lastError);

    private bool IsStreamingNext => _needsObjects && _streams && !_listsNext;

    /// <summary>Follows the server until cancelled. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    if (_needsObjects && !IsStreamingNext) await ListAsync(cancellationToken).ConfigureAwait(false);
                    await WatchAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    await RecoverAsync(e, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop. What failed at the same time may hide the cancellation.
        }
        finally
        {
            _initialSync.TrySetCanceled(cancellationToken);
        }
    }

    private async Task RecoverAsync(Exception e, CancellationToken cancellationToken)
    {
        if (IsStreamingNext && StreamingRefusal.IsAnswer(e))
        {
            List(e.Message, StreamingRefusal.IsLasting(e));
            return;
        }

        Volatile.Write(ref _lastError, e);
        var delay = TimeSpan.Zero;
        switch (e)
        {
            case KubernetesException expired when expired.IsExpired || expired.IsVersionTooLarge:
                // Without a wait only where the next request asks for something else; and watches that keep expiring must not make a loop of lists.
                if (_needsNewest || (!_needsObjects && IsExpiringAgain())) delay = _backoff.Next();
                // A watch's version is gone: objects not older than it will do. A list's version is gone: only the newest will.
                if (_needsObjects || expired.IsVersionTooLarge) _needsNewest = true;
                _needsObjects = true;
                break;
            case KubernetesException { IsTooManyRequests: true } busy:
                delay = _backoff.Next();
                if (busy.RetryAfter is { } asked && asked > delay) delay = asked < LongestAskedWait ? asked : LongestAskedWait;
                break;
            case HttpRequestException or IOException:
                delay = _backoff.Next();
                break;
            default:
                _needsObjects = true;
                delay = _backoff.Next();
                break;
        }

        Log.InformerFailed(_logger, _resource, e.Message, delay.TotalSeconds);
        if (delay > TimeSpan.Zero) await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a watch expired not long ago; from now on one did.</summary>
    private bool IsExpiringAgain()
    {
        var again = _expiredAt is { } before && _time.GetElapsedTime(before) < InformerBackoff.Healthy;
        _expiredAt = _time.GetTimestamp();
        return again;
    }

    /// <summary>The next objects come by a list.</summary>
    private void List(string reason, bool forGood)
    {
        Log.StreamingRefused(_logger, _resource, reason);
        _listsNext = true;
        if (forGood) _streams = false;
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var options = new ListOptions { LabelSelector = _options.LabelSelector, FieldSelector = _options.FieldSelector, Projection = _options.Projection };
        var list = _needsNewest
            ? await ListPagesAsync(options, cancellationToken).ConfigureAwait(false)
            : await _client.ListAsync<T>(_scope, options with { ResourceVersion = _version ?? "0" }, cancellationToken).ConfigureAwait(false);
        Take(list.Items, list.Metadata.ResourceVersion, cancellationToken);
    }

    /// <summary>The newest objects. Pages expire when they are read too slowly; then all are read at once.</summary>
    private async Task<KubernetesList<T>> ListPagesAsync(ListOptions options, CancellationToken cancellationToken)
    {
        var first = await _client.ListAsync<T>(_scope, options with { Limit = PageSize }, cancellationToken).ConfigureAwait(false);
        var next = first.Metadata.Continue;
        while (!string.IsNullOrEmpty(next))
        {
            KubernetesList<T> page;
            try
            {
                page = await _client.ListAsync<T>(_scope, options with { Limit = PageSize, Continue = next }, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException e) when (e.IsExpired)
            {
                return await _client.ListAsync<T>(_scope, options, cancellationToken).ConfigureAwait(false);
            }

            first.Items.AddRange(page.Items);
            first.Metadata.ResourceVersion = page.Metadata.ResourceVersion;
            next = page.Metadata.Continue;
        }

        return first;
    }

    private void Take(IReadOnlyCollection<T> objects, string? version, CancellationToken cancellationToken)
    {
        _store.Replace(_scope, objects, cancellationToken);
        _version = version;
        _needsObjects = false;
        _needsNewest = false;
        _listsNext = false;
        Log.InformerListed(_logger, _resource, objects.Count, version);
        _initialSync.TrySetResult();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var since = _version;
        // What a streaming list has brought so far; null once it is over, and for a watch that goes on from a version.
        var gathered = IsStreamingNext ? new Dictionary<EntityKey, T>() : null;
        await foreach (var change in _client.WatchAsync<T>(_scope, Watch(gathered is not null), cancellationToken).ConfigureAwait(false))
        {
            var version = change.Object.Metadata?.ResourceVersion;
            if (gathered is not null)
            {
                if (change.IsInitialEventsEnd)
                {
                    // An end that does not say where to go on from.
                    if (string.IsNullOrEmpty(version)) break;
                    Take(gathered.Values, version, cancellationToken);
                    gathered = null;
                }
                else if (change.Type != WatchEventType.Bookmark && _store.Flaw(change.Object) is null)
                {
                    if (change.Type == WatchEventType.Deleted) gathered.Remove(EntityKey.Of(change.Object));
                    else gathered[EntityKey.Of(change.Object)] = change.Object;
                }

                continue;
            }

            if (change.Type != WatchEventType.Bookmark) _store.Apply(change.Type, change.Object);
            if (version is { Length: > 0 }) _version = version;
        }

        // The server's time was over before it had sent everything: a list comes to an end.
        if (gathered is not null)
        {
            List("the stream ended before the objects did", forGood: false);
            return;
        }

        // A server that ends every watch at once, without anything new, must not be asked in a tight loop.
        if (_version != since || _time.GetElapsedTime(started) >= TimeSpan.FromSeconds(1)) return;
        await Task.Delay(_backoff.Next(), _time, cancellationToken).ConfigureAwait(false);
    }

    private WatchOptions Watch(bool isStreaming) => new()
    {
        LabelSelector = _options.LabelSelector,
        FieldSelector = _options.FieldSelector,
        ResourceVersion = isStreaming && _needsNewest ? null : _version,
        AllowBookmarks = true,
        SendInitialEvents = isStreaming,
        Timeout = MinWatch * (1 + _random()),
        IdleTimeout = _options.IdleTimeout,
        Projection = _options.Projection,
    };
}
