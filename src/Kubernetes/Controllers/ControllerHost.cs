using System.Runtime.ExceptionServices;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Events;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.LeaderElection;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>
/// A process of controllers: informers, shared by the controllers over them, the controllers, and what they need around
/// them.
/// </summary>
/// <remarks>
/// Start: events, HTTP (health and metrics), webhooks, caches, services, then the election if there is one, then workers.
/// No controller sees anything before every cache holds its first list. Stop, for whatever reason, in the opposite order
/// and within <see cref="ControllerHostOptions.StopTimeout"/>: the lease is released when the workers have ended, and
/// events are written last. A worker that does not end keeps the lease: it is renewed until the process is gone, and never
/// released while somebody may still write (controller-runtime releases it then, and counts on the exit that follows).
/// </remarks>
public sealed class ControllerHost : IDisposable
{
    /// <summary>The part of the stop's time by whose end the workers must have ended.</summary>
    private const double WorkShare = 2.0 / 3;

    private readonly IKubernetesClient _client;
    private readonly KubernetesJson _json;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggerFactory;
    private readonly ControllerHostOptions _options;
    private readonly Dictionary<Type, IInformer> _informers = [];
    private readonly List<IControllerLoop> _controllers = [];
    private readonly List<(string Name, Func<CancellationToken, Task> RunAsync, bool NeedsLeadership)> _services = [];
    private readonly ILogger _logger;
    private HealthServer? _health;
    private WebhookServer? _webhooks;
    private EventRecorder? _events;
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
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Hosting");
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
        RequireNotStarted();
        var builder = new ControllerBuilder<T>(this);
        configure?.Invoke(builder);
        var loop = new Controller<T>(controller, builder, Informer<T>(), _client, _json, _time, _loggerFactory);
        _controllers.Add(loop);
        return loop;
    }

    /// <summary>Serves health, whose readiness then includes the caches, and metrics; the host starts, stops and disposes of it.</summary>
    public void UseHealth(HealthServer health)
    {
        RequireNotStarted();
        _health = health;
        health.Readiness.Add("caches", CheckCaches);
    }

    /// <summary>Serves webhooks; their certificate counts for readiness. The host starts, stops and disposes of them.</summary>
    public void UseWebhooks(WebhookServer webhooks)
    {
        RequireNotStarted();
        _webhooks = webhooks;
    }

    /// <summary>Writes events from before anything else starts until after everything else has stopped.</summary>
    public void UseEvents(EventRecorder events)
    {
        RequireNotStarted();
        _events = events;
    }

    /// <summary>Runs something besides the controllers, once the caches are filled.</summary>
    /// <param name="name">For the log.</param>
    /// <param name="runAsync">Runs until cancelled; ends everything when it throws. It may end by itself.</param>
    /// <param name="needsLeadership">Whether it runs only while we lead, as controllers do.</param>
    public void AddService(string name, Func<CancellationToken, Task> runAsync, bool needsLeadership)
    {
        RequireNotStarted();
        _services.Add((name, runAsync, needsLeadership));
    }

    /// <summary>Runs everything until cancelled, and returns when all of it has ended or its time is up.</summary>
    /// <param name="elector">Controllers work only while it holds its lease; null: always.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="HostStartException">A port is taken, or the webhooks have no certificate.</exception>
    /// <exception cref="CacheSyncException">A cache did not fill in time.</exception>
    /// <exception cref="LeadershipLostException">The lease was lost; the process should end.</exception>
    public async Task RunAsync(LeaseElector? elector, CancellationToken cancellationToken)
    {
        RequireNotStarted();
        _started = true;
        if (elector is not null) _health?.Liveness.Add("leaderElection", elector.Check);
        if (_webhooks is not null) _health?.Readiness.Add("webhook-certificate", _webhooks.CheckCertificate);
        var stages = new StageStack(_time, _logger);
        var workers = new WorkGroup();
        var running = new List<Task>();
        Exception? failure = null;
        try
        {
            await StartAsync(stages, cancellationToken).ConfigureAwait(false);
            var others = new WorkGroup();
            running.Add(Run(stages, "services", others, stop => others.RunAsync(Services(needLeadership: false), stop)));
            running.Add(Run(stages, "workers", workers, stop => elector is null ? WorkAsync(workers, stop) : elector.RunAsync(lead => WorkAsync(workers, lead), stop)));
            await (await Task.WhenAny(running).WaitAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            failure = e;
        }

        // Somebody else may lead soon, or does already: what still works ends with the process, and that must not wait.
        var lostWhileWorking = failure is LeadershipLostException && workers.Running.Count > 0;
        await stages.StopAsync(lostWhileWorking ? TimeSpan.Zero : _options.StopTimeout).ConfigureAwait(false);
        _synced.TrySetCanceled(CancellationToken.None);
        failure ??= running.Select(task => task.Exception?.InnerException).FirstOrDefault(e => e is not null);
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Runs everything until cancelled, without an election.</summary>
    /// <exception cref="CacheSyncException">A cache did not fill in time.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => RunAsync(null, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var controller in _controllers) (controller as IDisposable)?.Dispose();
    }

    private void RequireNotStarted()
    {
        if (_started) throw new InvalidOperationException("The host runs already, and only once; compose it before.");
    }

    private string? CheckCaches()
    {
        if (_synced.Task.IsCompletedSuccessfully) return null;
        var missing = _informers.Values.Where(informer => !informer.InitialSync.IsCompletedSuccessfully).Select(informer => informer.Resource);
        return $"not listed yet: {string.Join(", ", missing)}";
    }

    private IEnumerable<(string Name, Func<CancellationToken, Task> RunAsync)> Services(bool needLeadership) =>
        _services.Where(service => service.NeedsLeadership == needLeadership).Select(service => (service.Name, service.RunAsync));

    private Task WorkAsync(WorkGroup workers, CancellationToken cancellationToken) => workers.RunAsync(
        [.. _controllers.Select(controller => (controller.Name, (Func<CancellationToken, Task>)controller.RunAsync)), .. Services(needLeadership: true)],
        cancellationToken);

    private async Task StartAsync(StageStack stages, CancellationToken cancellationToken)
    {
        if (_events is { } events) _ = Run(stages, "events", null, events.RunAsync);
        if (_health is { } health)
        {
            stages.Push(new Stage("HTTP", token => StopAsync(health.StopAsync, health, token)));
            await health.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_webhooks is { } webhooks)
        {
            stages.Push(new Stage("webhooks", token => StopAsync(webhooks.StopAsync, webhooks, token)));
            await webhooks.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        _ = Run(stages, "caches", null, stop => Task.WhenAll(_informers.Values.Select(informer => Task.Run(() => informer.RunAsync(stop), CancellationToken.None))));
        await WaitForCachesAsync(cancellationToken).ConfigureAwait(false);
        _synced.TrySetResult();
    }

    /// <summary>Runs it until its stage is stopped.</summary>
    private static Task Run(StageStack stages, string name, WorkGroup? parts, Func<CancellationToken, Task> runAsync)
    {
        var stop = new CancellationTokenSource();
        var running = Task.Run(() => runAsync(stop.Token), CancellationToken.None);
        stages.Push(new Stage(
            name,
            async _ =>
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stop.Dispose();
            },
            parts is null ? 1 : WorkShare)
        {
            Running = parts is null ? null : () => parts.Running,
        });
        return running;
    }

    // Requests under way are few and short; they must not take the time of the events.
    private async Task StopAsync(Func<CancellationToken, Task> stop, IAsyncDisposable server, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.StopTimeout / 10, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await stop(either.Token).ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
    }

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
