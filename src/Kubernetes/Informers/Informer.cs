using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Informers;

/// <summary>
/// A local copy of a resource's objects that follows the server, and tells handlers of every change in order.
/// </summary>
/// <remarks>
/// It lists, then watches from the list's resourceVersion; every event (bookmarks too) moves that version on, so that a
/// watch that ends is taken up where it stood. Only when the server no longer knows the version (410, Expired) is the
/// list read again, and what vanished meanwhile is reported as deleted. First list: version "0" (the server's cache);
/// later lists: not older than what was seen; after Expired: the newest, in pages. Failures back off; a server that is
/// overloaded (429) or unreachable is watched again, not listed anew.
/// </remarks>
public sealed class Informer<T> : IInformer
    where T : class, IKubernetesObject
{
    private const int PageSize = 500;

    /// <summary>A watch lasts between this and twice this, so that clients do not come back all at once.</summary>
    private static readonly TimeSpan MinWatch = TimeSpan.FromMinutes(5);

    private readonly IKubernetesClient _client;
    private readonly InformerOptions<T> _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<double> _random;
    private readonly InformerBackoff _backoff;
    private readonly EntityCache<T> _cache = new();
    private readonly TaskCompletionSource _initialSync = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards the order of what handlers see: an event and a late handler's replay never interleave.
    private readonly Lock _dispatch = new();
    private readonly List<Action<InformerEvent<T>>> _handlers = [];
    private bool _replaced;

    // Of the loop alone: the last version seen, whether a list is due, and whether it must be the newest.
    private string? _version;
    private bool _needsList = true;
    private bool _listNewest;
    private Exception? _lastError;

    /// <summary>An informer that does nothing until it is run.</summary>
    public Informer(IKubernetesClient client, InformerOptions<T>? options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(client, options, timeProvider, loggerFactory, NextRandom)
    {
    }

    internal Informer(IKubernetesClient client, InformerOptions<T>? options, TimeProvider timeProvider, ILoggerFactory loggerFactory, Func<double> random)
    {
        _client = client;
        _options = options ?? new InformerOptions<T>();
        _time = timeProvider;
        _random = random;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Informers");
        _backoff = new InformerBackoff(timeProvider, random);
        Resource = EntityMetadata.Of<T>().PluralName;
    }

    /// <inheritdoc/>
    public string Resource { get; }

    /// <summary>The local copy.</summary>
    public IEntityCache<T> Cache => _cache;

    /// <inheritdoc/>
    public Task InitialSync => _initialSync.Task;

    /// <inheritdoc/>
    public Exception? LastError => Volatile.Read(ref _lastError);

    /// <summary>Files every object under the values that <paramref name="values"/> gives for it.</summary>
    /// <exception cref="ArgumentException">There is already an index of that name.</exception>
    public void AddIndex(string name, Func<T, IEnumerable<string>> values) => _cache.AddIndex(name, values);

    /// <summary>
    /// Calls <paramref name="handler"/> for every change, one at a time and in order; first for what is already cached.
    /// Handlers must be quick: the next event waits for them.
    /// </summary>
    public void AddHandler(Action<InformerEvent<T>> handler)
    {
        lock (_dispatch)
        {
            foreach (var entity in _cache.List()) Call(handler, new InformerEvent<T>(InformerEventType.Added, entity, IsInitial: true));
            _handlers.Add(handler);
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    if (_needsList) await ListAsync(cancellationToken).ConfigureAwait(false);
                    await WatchAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    Volatile.Write(ref _lastError, e);
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

    private static double NextRandom()
    {
        // Spreads clients out; nothing depends on its quality.
#pragma warning disable CA5394
        return Random.Shared.NextDouble();
#pragma warning restore CA5394
    }

    private static bool IsVersionTooLarge(KubernetesException e) =>
        e.Status.Details?.Causes?.Exists(c => c.Reason == "ResourceVersionTooLarge") == true
        || e.Status.Message?.Contains("Too large resource version", StringComparison.Ordinal) == true;

    private async Task RecoverAsync(Exception e, CancellationToken cancellationToken)
    {
        var delay = TimeSpan.Zero;
        switch (e)
        {
            case KubernetesException expired when expired.IsExpired || IsVersionTooLarge(expired):
                // A watch's version is gone: a list not older than it will do. A list's version is gone: only the newest will.
                if (_needsList || IsVersionTooLarge(expired)) _listNewest = true;
                _needsList = true;
                break;
            case KubernetesException { IsTooManyRequests: true } busy:
                delay = _backoff.Next();
                if (busy.RetryAfter is { } asked && asked > delay) delay = asked;
                break;
            case HttpRequestException or IOException:
                delay = _backoff.Next();
                break;
            default:
                _needsList = true;
                delay = _backoff.Next();
                break;
        }

        Log.InformerFailed(_logger, Resource, e.Message, delay.TotalSeconds);
        if (delay > TimeSpan.Zero) await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var options = new ListOptions { LabelSelector = _options.LabelSelector, FieldSelector = _options.FieldSelector };
        var items = new List<T>();
        KubernetesList<T> page;
        if (_listNewest)
        {
            options = options with { Limit = PageSize };
            do
            {
                page = await _client.ListAsync<T>(_options.Namespace, options, cancellationToken).ConfigureAwait(false);
                items.AddRange(page.Items);
                options = options with { Continue = page.Metadata.Continue };
            }
            while (!string.IsNullOrEmpty(options.Continue));
        }
        else
        {
            page = await _client.ListAsync<T>(_options.Namespace, options with { ResourceVersion = _version ?? "0" }, cancellationToken).ConfigureAwait(false);
            items = page.Items;
        }

        Replace(items);
        _version = page.Metadata.ResourceVersion;
        _needsList = false;
        _listNewest = false;
        Log.InformerListed(_logger, Resource, items.Count, _version);
        _initialSync.TrySetResult();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var events = 0;
        var options = new WatchOptions
        {
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            ResourceVersion = _version,
            AllowBookmarks = true,
            Timeout = MinWatch * (1 + _random()),
        };
        await foreach (var change in _client.WatchAsync<T>(_options.Namespace, options, cancellationToken).ConfigureAwait(false))
        {
            events++;
            if (change.Type != WatchEventType.Bookmark) Apply(change);
            _version = change.Object.Metadata.ResourceVersion ?? _version;
        }

        // A server that ends every watch at once must not be asked in a tight loop.
        if (events > 0 || _time.GetElapsedTime(started) >= TimeSpan.FromSeconds(1)) return;
        await Task.Delay(_backoff.Next(), _time, cancellationToken).ConfigureAwait(false);
    }

    private void Replace(List<T> items)
    {
        lock (_dispatch)
        {
            var initial = !_replaced;
            _replaced = true;
            var gone = _cache.Keys().ToHashSet();
            foreach (var item in items)
            {
                gone.Remove(EntityKey.Of(item));
                Store(item, initial);
            }

            foreach (var key in gone) Drop(key, null);
        }
    }

    private void Apply(in WatchEvent<T> change)
    {
        lock (_dispatch)
        {
            if (change.Type == WatchEventType.Deleted) Drop(EntityKey.Of(change.Object), change.Object);
            else Store(change.Object, initial: false);
        }
    }

    private void Store(T entity, bool initial)
    {
        Trim(entity);
        var previous = _cache.Set(EntityKey.Of(entity), entity);
        if (previous is null) Dispatch(new InformerEvent<T>(InformerEventType.Added, entity, IsInitial: initial));
        else if (previous.Metadata.ResourceVersion != entity.Metadata.ResourceVersion || entity.Metadata.ResourceVersion is null)
            Dispatch(new InformerEvent<T>(InformerEventType.Updated, entity, previous));
    }

    private void Drop(EntityKey key, T? last)
    {
        if (last is not null) Trim(last);
        if (_cache.Remove(key) is { } previous) Dispatch(new InformerEvent<T>(InformerEventType.Deleted, last ?? previous));
    }

    private void Trim(T entity)
    {
        entity.Metadata.ManagedFields = null;
        _options.Trim?.Invoke(entity);
    }

    private void Dispatch(InformerEvent<T> change)
    {
        foreach (var handler in _handlers) Call(handler, change);
    }

    private void Call(Action<InformerEvent<T>> handler, InformerEvent<T> change)
    {
        try
        {
            handler(change);
        }
        catch (Exception e)
        {
            Log.HandlerFailed(_logger, e, Resource, EntityKey.Of(change.Object));
        }
    }
}
