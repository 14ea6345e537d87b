using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Timing;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Informers;

/// <summary>
/// A local copy of a resource's objects that follows the server, and tells handlers of every change in order. How it follows is told at
/// <see cref="InformerFeed{T}"/>: one for the whole cluster, or one for each namespace of the options, all into the same cache.
/// </summary>
public sealed class Informer<T> : IInformer
    where T : class, IKubernetesObject
{
    private readonly TimeProvider _time;
    private readonly TimeSpan? _resyncPeriod;
    private readonly InformerStore<T> _store;
    private readonly InformerFeed<T>[] _feeds;
    private readonly TaskCompletionSource _initialSync = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>An informer that does nothing until it is run.</summary>
    /// <exception cref="ArgumentException">Namespaces are given for a resource that is in none.</exception>
    public Informer(IKubernetesClient client, InformerOptions<T>? options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(client, options, timeProvider, loggerFactory, Jitter.Fraction)
    {
    }

    internal Informer(IKubernetesClient client, InformerOptions<T>? options, TimeProvider timeProvider, ILoggerFactory loggerFactory, Func<double> random)
    {
        options ??= new InformerOptions<T>();
        var metadata = EntityMetadata.Of<T>();
        string?[] scopes = [.. options.Namespaces.Distinct(StringComparer.Ordinal)];
        if (scopes.Length > 0 && !metadata.Namespaced)
            throw new ArgumentException($"{metadata.PluralName} are in no namespace; leave the namespaces out.", nameof(options));
        if (scopes.Length == 0) scopes = [null];
        var logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Informers");
        _time = timeProvider;
        _resyncPeriod = options.ResyncPeriod;
        _store = new InformerStore<T>(options.Trim, logger);
        _feeds = Array.ConvertAll(scopes, scope => new InformerFeed<T>(client, options, scope, _store, timeProvider, logger, random));
        Resource = metadata.PluralName;
    }

    /// <inheritdoc/>
    public string Resource { get; }

    /// <summary>The local copy.</summary>
    public IEntityCache<T> Cache => _store.Cache;

    /// <inheritdoc/>
    public Task InitialSync => _initialSync.Task;

    /// <inheritdoc/>
    public Exception? LastError => _feeds.OrderBy(feed => feed.InitialSync.IsCompletedSuccessfully).Select(feed => feed.LastError).FirstOrDefault(error => error is not null);

    /// <summary>Files every object under the values that <paramref name="values"/> gives for it; <see cref="Indexers"/> has some.</summary>
    /// <exception cref="ArgumentException">There is already an index of that name.</exception>
    public void AddIndex(string name, Func<T, IEnumerable<string>> values) => _store.Cache.AddIndex(name, values);

    /// <summary>
    /// Calls <paramref name="handler"/> for every change, one at a time and in order; first for what is already cached.
    /// Handlers must be quick: the next event waits for them. They are given the cached objects themselves, which must not be changed.
    /// </summary>
    /// <returns>Dispose of it to hear no more.</returns>
    public IDisposable AddHandler(Action<InformerEvent<T>> handler) => _store.Subscribe(handler);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var resyncing = ResyncAsync(cancellationToken);
        var syncing = SyncAsync();
        await Task.WhenAll(_feeds.Select(feed => feed.RunAsync(cancellationToken))).ConfigureAwait(false);
        await syncing.ConfigureAwait(false);
        _initialSync.TrySetCanceled(cancellationToken);
        await resyncing.ConfigureAwait(false);
    }

    private async Task SyncAsync()
    {
        try
        {
            await Task.WhenAll(_feeds.Select(feed => feed.InitialSync)).ConfigureAwait(false);
            _initialSync.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // Stopped before.
        }
    }

    private async Task ResyncAsync(CancellationToken cancellationToken)
    {
        if (_resyncPeriod is not { } period) return;
        try
        {
            await _initialSync.Task.ConfigureAwait(false);
            while (true)
            {
                await Task.Delay(period, _time, cancellationToken).ConfigureAwait(false);
                _store.Resync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped, or never synced.
        }
    }
}
