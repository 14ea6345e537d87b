using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.LeaderElection;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>
/// Informers, shared by the controllers over them, and the controllers. Start: caches, then the election if there is
/// one, then workers; no controller sees anything before every cache holds its first list.
/// </summary>
public sealed class ControllerHost : IDisposable
{
    private readonly IKubernetesClient _client;
    private readonly KubernetesJson _json;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggerFactory;
    private readonly ControllerHostOptions _options;
    private readonly Dictionary<Type, IInformer> _informers = [];
    private readonly List<IControllerLoop> _controllers = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;

    /// <summary>A host without controllers.</summary>
    public ControllerHost(IKubernetesClient client, KubernetesJson json, TimeProvider timeProvider, ILoggerFactory loggerFactory, ControllerHostOptions? options = null)
    {
        _client = client;
        _json = json;
        _time = timeProvider;
        _loggerFactory = loggerFactory;
        _options = options ?? new ControllerHostOptions();
    }

    /// <summary>Completes when all caches hold their first list; for readiness.</summary>
    public Task Synced => _synced.Task;

    /// <summary>
    /// The one informer of <typeparamref name="T"/>; made on the first call. Options are for that first call.
    /// </summary>
    /// <exception cref="InvalidOperationException">Options are given, but the informer exists already; or the host runs.</exception>
    public Informer<T> Informer<T>(InformerOptions<T>? options = null)
        where T : class, IKubernetesObject
    {
        if (_informers.TryGetValue(typeof(T), out var existing))
        {
            return options is null
                ? (Informer<T>)existing
                : throw new InvalidOperationException($"The informer of {typeof(T).Name} exists already; give its options before controllers use it.");
        }

        if (_started) throw new InvalidOperationException($"The host runs already; ask for the informer of {typeof(T).Name} before.");
        var informer = new Informer<T>(_client, options, _time, _loggerFactory);
        _informers[typeof(T)] = informer;
        return informer;
    }

    /// <summary>Adds a controller; call before the host runs.</summary>
    public Controller<T> AddController<T>(IEntityController<T> controller, Action<ControllerBuilder<T>>? configure = null)
        where T : class, IKubernetesObject
    {
        var builder = new ControllerBuilder<T>(this);
        configure?.Invoke(builder);
        var loop = new Controller<T>(controller, builder, Informer<T>(), _client, _json, _time, _loggerFactory);
        _controllers.Add(loop);
        return loop;
    }

    /// <summary>Runs everything until cancelled, and returns when all of it has ended.</summary>
    /// <param name="elector">Controllers work only while it holds its lease; null: always.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="CacheSyncException">A cache did not fill in time.</exception>
    /// <exception cref="LeadershipLostException">The lease was lost; the process should end.</exception>
    public async Task RunAsync(LeaseElector? elector, CancellationToken cancellationToken)
    {
        if (_started) throw new InvalidOperationException("A host runs once.");
        _started = true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var informers = _informers.Values.Select(informer => Task.Run(() => informer.RunAsync(stop.Token), CancellationToken.None)).ToList();
        try
        {
            await WaitForCachesAsync(stop.Token).ConfigureAwait(false);
            _synced.TrySetResult();
            if (elector is null) await WorkAsync(stop.Token).ConfigureAwait(false);
            else await elector.RunAsync(WorkAsync, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(informers).ConfigureAwait(false);
            _synced.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Runs everything until cancelled, without an election.</summary>
    /// <exception cref="CacheSyncException">A cache did not fill in time.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => RunAsync(null, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var controller in _controllers) (controller as IDisposable)?.Dispose();
    }

    private Task WorkAsync(CancellationToken cancellationToken) => Task.WhenAll(_controllers.Select(controller => controller.RunAsync(cancellationToken)));

    private async Task WaitForCachesAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_informers.Values.Select(i => i.InitialSync)).WaitAsync(_options.CacheSyncTimeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var missing = _informers.Values.Where(i => !i.InitialSync.IsCompletedSuccessfully).ToList();
            var cause = missing.Select(i => i.LastError).FirstOrDefault(e => e is not null);
            throw new CacheSyncException(
                $"{string.Join(", ", missing.Select(i => i.Resource))} could not be listed within {_options.CacheSyncTimeout.TotalSeconds} s: {cause?.Message ?? "no answer"}",
                cause);
        }
    }
}
