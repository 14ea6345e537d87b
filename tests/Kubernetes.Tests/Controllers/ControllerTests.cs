using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Controllers;

public sealed class ControllerTests : IAsyncLifetime
{
    private const string Sets = "/apis/apps/v1/statefulsets";
    private const string DefaultSets = "/apis/apps/v1/namespaces/default/statefulsets";
    private const string Pods = "/api/v1/pods";
    private const string DefaultPods = "/api/v1/namespaces/default/pods";

    private readonly TestClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ScriptedController _controller = new();
    private ScriptedServer _server = null!;
    private MemoryServer _memory = null!;
    private KubernetesClient _client = null!;
    private ControllerHost _host = null!;
    private Task _run = Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _memory = new MemoryServer(_server);
        _client = _server.CreateClient(_clock);
        _host = new ControllerHost(_client, new KubernetesJson(), _clock, NullLoggerFactory.Instance);
        _memory.Seed(DefaultSets, Set("a"));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(_ => { }, TaskScheduler.Default);
        _host.Dispose();
        _client.Dispose();
        _stop.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task WhatIsThere_IsReconciled_WithACopyOfTheCachedObject()
    {
        var seen = new TaskCompletionSource<V1StatefulSet>(TaskCreationOptions.RunContinuationsAsynchronously);
        _controller.Reconcile = set =>
        {
            set.Metadata.Labels = new Dictionary<string, string> { ["changed"] = "yes" };
            seen.TrySetResult(set);
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await StartAsync();

        Assert.Equal("a", (await seen.Task.WaitAsync(TimeSpan.FromSeconds(30), Token)).Metadata.Name);
        Assert.Null(_host.Informer<V1StatefulSet>().Cache.List().Single().Metadata.Labels);
    }

    [Fact]
    public async Task NothingRuns_BeforeEveryCacheIsFilled()
    {
        var gate = false;
        _memory.Intercept = request => request.Path == Pods && !Volatile.Read(ref gate) ? ScriptedAnswer.Failure(500, "InternalError", "not yet") : null;
        _host.AddController(_controller, c => c.Owns<V1Pod>());
        _run = _host.RunAsync(_stop.Token);
        await _memory.AcceptWatchesAsync(1);
        var wait = await _clock.TimerAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(30));
        Assert.False(_host.Synced.IsCompleted);
        Assert.Empty(_controller.Calls);

        Volatile.Write(ref gate, true);
        _clock.Advance(wait);
        Assert.Equal("default/a", await _controller.NextAsync());
        Assert.True(_host.Synced.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task ACacheThatNeverFills_FailsTheStart_AndSaysWhy()
    {
        _memory.Intercept = _ => ScriptedAnswer.Failure(403, "Forbidden", "statefulsets.apps is forbidden");
        _host.AddController(_controller);
        _run = _host.RunAsync(_stop.Token);
        while (!_run.IsCompleted)
        {
            var next = _clock.ElapseAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(30));
            await Task.WhenAny(next, _run);
        }

        var error = await Assert.ThrowsAsync<CacheSyncException>(() => _run);
        Assert.Contains("statefulsets could not be listed within 120 s: statefulsets.apps is forbidden", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyChanges_CollapseToTheNewestState()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var replicas = new ConcurrentQueue<int?>();
        _controller.ReconcileAsync = async set =>
        {
            replicas.Enqueue(set.Spec!.Replicas);
            if (replicas.Count == 1) await release.Task;
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await StartAsync();
        await _controller.NextAsync();
        var arrived = WaitFor<V1StatefulSet>(set => set.Spec!.Replicas == 9);
        for (var i = 2; i < 10; i++) await _memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: i));
        await arrived;
        release.SetResult();
        await _controller.NextAsync();

        Assert.Equal([1, 9], replicas);
    }

    [Fact]
    public async Task AnException_IsCaughtAndCounted_AndComesBackAfterTheBackOff()
    {
        using var metrics = new MeterListener();
        long errors = 0;
        metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "controller_runtime_reconcile_errors_total") listener.EnableMeasurementEvents(instrument);
        };
        metrics.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref errors, value));
        metrics.Start();
        _controller.Reconcile = _ => throw new InvalidOperationException("boom");
        await StartAsync();
        await _controller.NextAsync();

        Assert.Equal(TimeSpan.FromMilliseconds(5), await _clock.ElapseAsync(IsRetry));
        await _controller.NextAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(10), await _clock.ElapseAsync(IsRetry));
        await _controller.NextAsync();
        Assert.True(Interlocked.Read(ref errors) >= 2);
    }

    [Fact]
    public async Task TheBackOff_IsResetBySuccessAlone()
    {
        var outcomes = new Queue<bool>([false, false, true, false]);
        _controller.Reconcile = set => outcomes.Dequeue() ? ReconciliationResult<V1StatefulSet>.Success(set) : ReconciliationResult<V1StatefulSet>.Failure(set, "not yet");
        await StartAsync();
        await _controller.NextAsync();
        await _clock.ElapseAsync(due => due == TimeSpan.FromMilliseconds(5));
        await _controller.NextAsync();
        await _clock.ElapseAsync(due => due == TimeSpan.FromMilliseconds(10));
        await _controller.NextAsync();

        await _memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: 2));
        await _controller.NextAsync();
        await _clock.ElapseAsync(due => due == TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public async Task RequeueAfter_ComesBackThen_WhateverChangesMeanwhile()
    {
        _controller.Reconcile = set => ReconciliationResult<V1StatefulSet>.Success(set, TimeSpan.FromSeconds(17));
        await StartAsync();
        await _controller.NextAsync();
        await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(17));
        _clock.Advance(TimeSpan.FromSeconds(7));
        // A write of ours comes back as a change: it neither cancels nor postpones what was asked for.
        await _memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: 2));
        await _controller.NextAsync();
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(10));

        await _controller.NextAsync();
        Assert.Equal(3, _controller.Calls.Count);
    }

    [Fact]
    public async Task GenerationPredicate_IgnoresMetadataAndStatus()
    {
        await StartAsync(c => c.When(Predicates.GenerationChanged));
        await _controller.NextAsync();
        await _memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", labels: """{"x":"1"}"""));
        await _memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: 2, generation: 2));
        Assert.Equal("default/a", await _controller.NextAsync());
        await _memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a", replicas: 2, generation: 2));

        Assert.Equal("deleted default/a", await _controller.NextAsync());
        Assert.Equal(3, _controller.Calls.Count);
    }

    [Fact]
    public async Task ChildrenAndOthers_ReconcileWhomTheyBelongTo()
    {
        _host.Informer<V1Pod>();
        await StartAsync(
            c => c.Owns<V1Pod>().Watches<V1Node>(change => [new EntityKey("default", change.Object.Metadata.Labels!["for"])], change => change.Type != Kubernetes.Informers.InformerEventType.Deleted),
            watches: 3);
        await _controller.NextAsync();
        await _memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("p", "StatefulSet", "apps/v1", "a"));
        Assert.Equal("default/a", await _controller.NextAsync());

        await _memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("q", "StatefulSet", "other/v1", "a"));
        await _memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("r", "ReplicaSet", "apps/v1", "a"));
        await _memory.ChangeAsync("/api/v1/nodes", "/api/v1/nodes", "ADDED", """{"metadata":{"name":"n","labels":{"for":"a"}}}""");
        Assert.Equal("default/a", await _controller.NextAsync());
        Assert.Equal(3, _controller.Calls.Count);
    }

    [Fact]
    public async Task Finalizers_AreAttached_RunOnDeletion_AndTakenOff_WithoutTouchingOthers()
    {
        _memory.Seed(DefaultSets, Set("a", finalizers: """["other/one"]"""));
        var finalizer = new ScriptedFinalizer();
        await StartAsync(c => c.Finalizer(finalizer));
        await _controller.NextAsync();
        Assert.Equal("""["other/one","gpustack/test"]""", _memory.Get($"{DefaultSets}/a")["metadata"]!["finalizers"]!.ToJsonString());

        await _memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", finalizers: """["other/one","gpustack/test"]""", deleted: true));
        await _server.RequestAsync(r => r.Method == "PATCH" && !r.Body.Contains("gpustack/test", StringComparison.Ordinal));

        Assert.Equal(1, finalizer.Runs);
        Assert.Single(_controller.Calls);
        Assert.Equal("""["other/one"]""", _memory.Get($"{DefaultSets}/a")["metadata"]!["finalizers"]!.ToJsonString());
    }

    [Fact]
    public async Task AConflict_IsTriedAgain()
    {
        var conflicts = 1;
        _controller.Reconcile = set => Interlocked.Decrement(ref conflicts) >= 0
            ? throw new KubernetesException(new V1Status { Code = 409, Reason = "Conflict" })
            : ReconciliationResult<V1StatefulSet>.Success(set);
        await StartAsync();
        await _controller.NextAsync();
        await _clock.ElapseAsync(IsRetry);

        Assert.Equal("default/a", await _controller.NextAsync());
    }

    [Fact]
    public async Task Stop_CancelsWhatRuns_AndWaitsForIt()
    {
        var ended = false;
        _controller.WithToken = async cancellation =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _clock, cancellation);
            }
            finally
            {
                ended = true;
            }
        };
        await StartAsync();
        await _controller.NextAsync();
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.True(ended);
    }

    private static bool IsRetry(TimeSpan due) => due > TimeSpan.Zero && due < TimeSpan.FromSeconds(1);

    private static string Set(string name, int replicas = 1, int generation = 1, string labels = "null", string finalizers = "null", bool deleted = false)
    {
        var deletion = deleted ? "\"2026-11-22T00:00:00Z\"" : "null";
        return $$"""
            {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"{{name}}","namespace":"default","uid":"u","generation":{{generation}},"labels":{{labels}},"finalizers":{{finalizers}},"deletionTimestamp":{{deletion}} },"spec":{"replicas":{{replicas}} } }
            """;
    }

    private static string Pod(string name, string ownerKind, string ownerVersion, string owner) => $$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","ownerReferences":[{"apiVersion":"{{ownerVersion}}","kind":"{{ownerKind}}","name":"{{owner}}","uid":"u","controller":true}] } }
        """;

    private Task WaitFor<T>(Func<T, bool> wanted)
        where T : class, IKubernetesObject
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Informer<T>().AddHandler(change =>
        {
            if (wanted(change.Object)) arrived.TrySetResult();
        });
        return arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task StartAsync(Action<ControllerBuilder<V1StatefulSet>>? configure = null, int watches = 1)
    {
        _host.AddController(_controller, configure);
        _run = _host.RunAsync(_stop.Token);
        await _memory.AcceptWatchesAsync(watches);
    }

    private sealed class ScriptedFinalizer : IEntityFinalizer<V1StatefulSet>
    {
        public int Runs { get; private set; }

        public string Identifier => "gpustack/test";

        public Task<ReconciliationResult<V1StatefulSet>> FinalizeAsync(V1StatefulSet entity, CancellationToken cancellationToken)
        {
            Runs++;
            return Task.FromResult(ReconciliationResult<V1StatefulSet>.Success(entity));
        }
    }

    private sealed class ScriptedController : IEntityController<V1StatefulSet>
    {
        private readonly Channel<string> _arrivals = Channel.CreateUnbounded<string>();

        public ConcurrentQueue<string> Calls { get; } = new();

        public Func<V1StatefulSet, ReconciliationResult<V1StatefulSet>> Reconcile { get; set; } = set => ReconciliationResult<V1StatefulSet>.Success(set);

        public Func<V1StatefulSet, Task<ReconciliationResult<V1StatefulSet>>>? ReconcileAsync { get; set; }

        public Func<CancellationToken, Task>? WithToken { get; set; }

        public Task<string> NextAsync() => _arrivals.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        async Task<ReconciliationResult<V1StatefulSet>> IEntityController<V1StatefulSet>.ReconcileAsync(V1StatefulSet entity, CancellationToken cancellationToken)
        {
            Note(EntityKey.Of(entity).ToString());
            if (WithToken is not null) await WithToken(cancellationToken);
            return ReconcileAsync is null ? Reconcile(entity) : await ReconcileAsync(entity);
        }

        Task<ReconciliationResult<V1StatefulSet>> IEntityController<V1StatefulSet>.DeletedAsync(V1StatefulSet entity, CancellationToken cancellationToken)
        {
            Note($"deleted {EntityKey.Of(entity)}");
            return Task.FromResult(ReconciliationResult<V1StatefulSet>.Success(entity));
        }

        private void Note(string call)
        {
            Calls.Enqueue(call);
            _arrivals.Writer.TryWrite(call);
        }
    }
}
