using System.Threading.Channels;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Controllers;

public sealed class FinalizerTests : ControllerScene
{
    [Fact]
    public async Task Finalizers_AreAttached_RunOnDeletion_AndTakenOff_WithoutTouchingOthers()
    {
        Memory.Seed(DefaultSets, Set("a", finalizers: """["other/one"]"""));
        var finalizer = new ScriptedFinalizer("gpustack/test");
        await SettleAsync(c => c.Finalizer(finalizer));
        Assert.Equal("""["other/one","gpustack/test"]""", Finalizers());

        await DeleteAsync("""["other/one","gpustack/test"]""");
        await FinalizersAreAsync("""["other/one"]""");

        Assert.Equal(1, finalizer.Runs);
        Assert.Single(Scripted.Calls);
    }

    [Fact]
    public async Task EveryWrite_CarriesTheVersionItWasDecidedOn()
    {
        var finalizer = new ScriptedFinalizer("gpustack/test");
        await SettleAsync(c => c.Finalizer(finalizer));
        await DeleteAsync("""["gpustack/test"]""");
        await finalizer.NextAsync();
        await FinalizersAreAsync("[]");

        Assert.All(Server.Requests.Where(r => r.Method == "PATCH"), r => Assert.NotNull(r.Json["metadata"]!["resourceVersion"]));
    }

    [Fact]
    public async Task AVersionThatIsStale_LosesNobodysFinalizer()
    {
        var stolen = false;
        Memory.Intercept = request =>
        {
            if (request.Method != "PATCH" || stolen) return null;
            // Another controller is faster, and its change has not come to the cache.
            stolen = true;
            Memory.Seed(DefaultSets, Set("a", finalizers: """["other/one"]"""));
            return null;
        };
        await StartAsync(c => c.Finalizer(new ScriptedFinalizer("gpustack/test")));
        var wait = await Clock.TimerAsync(IsRetry);
        Assert.Equal("""["other/one"]""", Finalizers());
        Assert.Empty(Scripted.Calls);
        await CountsAsync(1, "reconcile_total", "result=requeue");

        var arrived = WaitFor<V1StatefulSet>(set => set.Metadata.Finalizers?.Count > 0);
        await Memory.TellAsync(Sets, "MODIFIED", $"{DefaultSets}/a");
        await arrived;
        Clock.Advance(wait);
        Assert.Equal("default/a", await Scripted.NextAsync());
        Assert.Equal("""["other/one","gpustack/test"]""", Finalizers());
    }

    [Fact]
    public async Task Several_RunInTheirOrder_AndOneThatFailsHoldsUpTheRest()
    {
        var first = new ScriptedFinalizer("gpustack/first") { Results = new([Fail, Succeed]) };
        var second = new ScriptedFinalizer("gpustack/second");
        await SettleAsync(c => c.Finalizer(first).Finalizer(second));
        await DeleteAsync("""["gpustack/first","gpustack/second"]""");
        await first.NextAsync();
        var wait = await Clock.TimerAsync(IsRetry);
        Assert.Equal(0, second.Runs);
        Assert.Equal("""["gpustack/first","gpustack/second"]""", Finalizers());

        Clock.Advance(wait);
        await second.NextAsync();
        await FinalizersAreAsync("[]");
        Assert.Equal(2, first.Runs);
    }

    [Fact]
    public async Task OneThatAsksToComeBack_StaysOn_UntilItIsDone()
    {
        var finalizer = new ScriptedFinalizer("gpustack/test")
        {
            Results = new([set => ReconciliationResult<V1StatefulSet>.Success(set, TimeSpan.FromSeconds(11)), Succeed]),
        };
        await SettleAsync(c => c.Finalizer(finalizer));
        await DeleteAsync("""["gpustack/test"]""");
        await finalizer.NextAsync();
        var wait = await Clock.TimerAsync(due => due == TimeSpan.FromSeconds(11));
        Assert.Equal("""["gpustack/test"]""", Finalizers());
        Clock.Advance(wait);
        await finalizer.NextAsync();

        await FinalizersAreAsync("[]");
        Assert.Equal(2, finalizer.Runs);
    }

    [Fact]
    public async Task OneThatThrows_StaysOn_AndComesBack()
    {
        var finalizer = new ScriptedFinalizer("gpustack/test") { Results = new([_ => throw new HttpRequestException("no route"), Succeed]) };
        await SettleAsync(c => c.Finalizer(finalizer));
        await DeleteAsync("""["gpustack/test"]""");
        await finalizer.NextAsync();
        await Clock.ElapseAsync(IsRetry);
        await finalizer.NextAsync();

        await CountsAsync(1, "reconcile_errors_total");
    }

    [Fact]
    public async Task AnObjectThatVanishesMeanwhile_IsNoError()
    {
        Memory.Intercept = request => request.Method == "PATCH" && request.Body.Contains("[]", StringComparison.Ordinal) ? ScriptedAnswer.NotFound("a") : null;
        var finalizer = new ScriptedFinalizer("gpustack/test");
        await SettleAsync(c => c.Finalizer(finalizer));
        await DeleteAsync("""["gpustack/test"]""");
        await finalizer.NextAsync();
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));

        Assert.Equal("deleted default/a", await Scripted.NextAsync());
        Assert.Equal(0, Counted("reconcile_errors_total"));
    }

    [Fact]
    public async Task AnObjectThatVanishesBeforeTheFinalizerIsOn_IsNotReconciled()
    {
        Memory.Intercept = request => request.Method == "PATCH" ? ScriptedAnswer.NotFound("a") : null;
        await StartAsync(c => c.Finalizer(new ScriptedFinalizer("gpustack/test")));
        await Server.RequestAsync(r => r.Method == "PATCH");
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));

        Assert.Equal("deleted default/a", await Scripted.NextAsync());
        Assert.Single(Scripted.Calls);
        Assert.Equal(0, Counted("reconcile_errors_total"));
    }

    [Fact]
    public void TwoOfOneName_AreRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Add(c => c.Finalizer(new ScriptedFinalizer("gpustack/test")).Finalizer(new ScriptedFinalizer("gpustack/test"))));
        Assert.Contains("gpustack/test", error.Message, StringComparison.Ordinal);
    }

    private static ReconciliationResult<V1StatefulSet> Fail(V1StatefulSet set) => ReconciliationResult<V1StatefulSet>.Failure(set, "not yet");

    private static ReconciliationResult<V1StatefulSet> Succeed(V1StatefulSet set) => ReconciliationResult<V1StatefulSet>.Success(set);

    private string Finalizers() => Memory.Get($"{DefaultSets}/a")["metadata"]!["finalizers"]!.ToJsonString();

    /// <summary>Waits until the server has them.</summary>
    private async Task FinalizersAreAsync(string expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (Finalizers() != expected)
        {
            Assert.False(limit.IsCancellationRequested, Finalizers());
            await Task.Yield();
        }
    }

    private Task DeleteAsync(string finalizers) => Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", finalizers: finalizers, deleted: true));

    private sealed class ScriptedFinalizer(string identifier) : IEntityFinalizer<V1StatefulSet>
    {
        private readonly Channel<int> _runs = Channel.CreateUnbounded<int>();
        private int _count;

        public int Runs => Volatile.Read(ref _count);

        /// <summary>What to answer, in turn; then success.</summary>
        public Queue<Func<V1StatefulSet, ReconciliationResult<V1StatefulSet>>> Results { get; init; } = new();

        public string Identifier => identifier;

        public Task<int> NextAsync() => _runs.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public Task<ReconciliationResult<V1StatefulSet>> FinalizeAsync(V1StatefulSet entity, CancellationToken cancellationToken)
        {
            _runs.Writer.TryWrite(Interlocked.Increment(ref _count));
            return Task.FromResult((Results.TryDequeue(out var result) ? result : Succeed)(entity));
        }
    }
}
