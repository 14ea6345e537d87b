using System.Collections.Concurrent;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Controllers;

public sealed class ControllerTests : ControllerScene
{
    [Fact]
    public async Task WhatIsThere_IsReconciled_WithACopyOfTheCachedObject()
    {
        var seen = new TaskCompletionSource<V1StatefulSet>(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.Reconcile = set =>
        {
            set.Metadata.Labels = new Dictionary<string, string> { ["changed"] = "yes" };
            seen.TrySetResult(set);
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await StartAsync();

        Assert.Equal("a", (await seen.Task.WaitAsync(TimeSpan.FromSeconds(30), Token)).Metadata.Name);
        Assert.Null(Host.Informer<V1StatefulSet>().Cache.List().Single().Metadata.Labels);
    }

    [Fact]
    public async Task Point22_NothingRuns_BeforeEveryCacheIsFilled()
    {
        var gate = false;
        Memory.Intercept = request => request.Path == Pods && !Volatile.Read(ref gate) ? ScriptedAnswer.Failure(500, "InternalError", "not yet") : null;
        Add(c => c.Owns<V1Pod>());
        Run = Host.RunAsync(StopSource.Token);
        await Memory.AcceptWatchesAsync(1);
        var wait = await Clock.TimerAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(30));
        Assert.False(Host.Synced.IsCompleted);
        Assert.Empty(Scripted.Calls);

        Volatile.Write(ref gate, true);
        Clock.Advance(wait);
        Assert.Equal("default/a", await Scripted.NextAsync());
        Assert.True(Host.Synced.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Point22_NothingRuns_BeforeAllInitialObjectsWereHandedOver()
    {
        for (var i = 0; i < 50; i++) Memory.Seed(DefaultPods, Pod($"p{i}", Owner("a")));
        var mapped = 0;
        var mappedAtTheFirstRun = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.Reconcile = set =>
        {
            mappedAtTheFirstRun.TrySetResult(Volatile.Read(ref mapped));
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await SettleAsync(
            c => c.Watches<V1Pod>(change =>
            {
                Interlocked.Increment(ref mapped);
                return [new EntityKey("default", "a")];
            }),
            watches: 2);

        Assert.Equal(50, await mappedAtTheFirstRun.Task.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task Point23_ACacheThatNeverFills_FailsTheStart_AndSaysWhy()
    {
        Memory.Intercept = _ => ScriptedAnswer.Failure(403, "Forbidden", "statefulsets.apps is forbidden");
        Add();
        Run = Host.RunAsync(StopSource.Token);
        for (var step = 0; step < 1000 && !Run.IsCompleted; step++)
        {
            var next = Clock.ElapseAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(30));
            await Task.WhenAny(next, Run);
        }

        var error = await Assert.ThrowsAsync<CacheSyncException>(() => Run);
        Assert.Contains("statefulsets could not be listed within 120 s: statefulsets.apps is forbidden", error.Message, StringComparison.Ordinal);
        Assert.Empty(Scripted.Calls);
    }

    [Fact]
    public async Task Point29_ManyChanges_CollapseToTheNewestState_ReadFromTheCacheAtDequeue()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var replicas = new ConcurrentQueue<int?>();
        Scripted.ReconcileAsync = async set =>
        {
            replicas.Enqueue(set.Spec!.Replicas);
            if (replicas.Count == 1) await release.Task;
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await SettleAsync();
        var arrived = WaitFor<V1StatefulSet>(set => set.Spec!.Replicas == 9);
        for (var i = 2; i < 10; i++) await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: i));
        await arrived;
        release.SetResult();
        await Scripted.NextAsync();
        await CountsAsync(2, "reconcile_total", "result=success");

        Assert.Equal([1, 9], replicas);
    }

    [Fact]
    public async Task Point24_TheBackOff_IsResetBySuccessAlone()
    {
        var outcomes = new Queue<bool>([false, false, true, false]);
        Scripted.Reconcile = set => outcomes.Dequeue() ? ReconciliationResult<V1StatefulSet>.Success(set) : ReconciliationResult<V1StatefulSet>.Failure(set, "not yet");
        await SettleAsync();
        await Clock.ElapseAsync(due => due == TimeSpan.FromMilliseconds(5));
        await Scripted.NextAsync();
        await Clock.ElapseAsync(due => due == TimeSpan.FromMilliseconds(10));
        await Scripted.NextAsync();

        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: 2));
        await Scripted.NextAsync();
        await Clock.ElapseAsync(due => due == TimeSpan.FromMilliseconds(5));
        await CountsAsync(3, "reconcile_total", "result=error");
        await CountsAsync(1, "reconcile_total", "result=success");
    }

    [Fact]
    public async Task Point24_ARetry_ThatTheFailureAskedFor_ReplacesTheBackOff()
    {
        Scripted.Reconcile = set => ReconciliationResult<V1StatefulSet>.Failure(set, "not yet", requeueAfter: TimeSpan.FromSeconds(3));
        await SettleAsync();

        await Clock.ElapseAsync(due => due == TimeSpan.FromSeconds(3));
        Assert.Equal("default/a", await Scripted.NextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Point25_ATerminalError_IsCounted_NotRequeued_AndItsBackOffForgotten(bool thrown)
    {
        var outcomes = new Queue<bool>([false, true, false]);
        Scripted.Reconcile = set => outcomes.Dequeue() switch
        {
            false => ReconciliationResult<V1StatefulSet>.Failure(set, "not yet"),
            true when thrown => throw new TerminalException("the image is empty"),
            true => ReconciliationResult<V1StatefulSet>.Terminal(set, "the image is empty"),
        };
        await SettleAsync();
        await Clock.ElapseAsync(due => due == TimeSpan.FromMilliseconds(5));
        await Scripted.NextAsync();
        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: 2));
        await Scripted.NextAsync();

        // Only the third, ordinary failure waits: at the shortest delay.
        Assert.Equal(TimeSpan.FromMilliseconds(5), await Clock.TimerAsync(IsRetry));
        Assert.Equal(1, Controller.Queue.DelayedCount);
        await CountsAsync(1, "terminal_reconcile_errors_total");
        await CountsAsync(3, "reconcile_errors_total");
        Assert.Equal(0, Counted("reconcile_panics_total"));
    }

    [Fact]
    public async Task Point26_RequeueAfter_ForgetsTheBackOff_ThenDelays()
    {
        var results = new Queue<Func<V1StatefulSet, ReconciliationResult<V1StatefulSet>>>(
        [
            set => ReconciliationResult<V1StatefulSet>.Failure(set, "not yet"),
            set => ReconciliationResult<V1StatefulSet>.Success(set, TimeSpan.FromSeconds(17)),
            set => ReconciliationResult<V1StatefulSet>.Failure(set, "not yet"),
        ]);
        Scripted.Reconcile = set => results.Dequeue()(set);
        await SettleAsync();
        await Clock.ElapseAsync(IsRetry);
        await Scripted.NextAsync();

        await Clock.ElapseAsync(due => due == TimeSpan.FromSeconds(17));
        await Scripted.NextAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(5), await Clock.TimerAsync(IsRetry));
        await CountsAsync(1, "reconcile_total", "result=requeue_after");
    }

    [Fact]
    public async Task Point27_AnException_IsCaughtAndCounted_AndComesBackAfterTheBackOff()
    {
        Scripted.Reconcile = _ => throw new InvalidOperationException("boom");
        await SettleAsync();

        Assert.Equal(TimeSpan.FromMilliseconds(5), await Clock.ElapseAsync(IsRetry));
        await Scripted.NextAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(10), await Clock.TimerAsync(IsRetry));
        await CountsAsync(2, "reconcile_errors_total");
        await CountsAsync(2, "reconcile_panics_total");
        await CountsAsync(2, "reconcile_total", "result=error");
    }

    [Fact]
    public async Task Point27_ARequestThatFails_IsAnError_ButNoPanic()
    {
        Scripted.Reconcile = _ => throw new HttpRequestException("no route");
        await SettleAsync();
        await Clock.TimerAsync(IsRetry);

        await CountsAsync(1, "reconcile_errors_total");
        Assert.Equal(0, Counted("reconcile_panics_total"));
    }

    [Fact]
    public async Task Point29_AWriteOfOurs_NeitherCancelsNorDoublesARequeue()
    {
        Scripted.Reconcile = set => ReconciliationResult<V1StatefulSet>.Success(set, TimeSpan.FromSeconds(17));
        await SettleAsync();
        await Clock.TimerAsync(due => due == TimeSpan.FromSeconds(17));
        Clock.Advance(TimeSpan.FromSeconds(7));
        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", status: """{"replicas":1}"""));
        await Scripted.NextAsync();
        await Clock.ElapseAsync(due => due == TimeSpan.FromSeconds(10));
        await Scripted.NextAsync();

        // One requeue is left, of the run at 17 s; what the write's run asked for at 24 s has merged with the first.
        await Clock.TimerAsync(due => due == TimeSpan.FromSeconds(17));
        Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(0, Controller.Queue.Count);
        Assert.Equal(1, Controller.Queue.DelayedCount);
        Assert.Equal(3, Scripted.Calls.Count);
    }

    [Fact]
    public async Task Point29_AStatusWriteOfOurs_IsNoWork_WithTheGenerationPredicate()
    {
        Scripted.Reconcile = set => ReconciliationResult<V1StatefulSet>.Success(set, TimeSpan.FromSeconds(17));
        await SettleAsync(c => c.When(Predicates.GenerationChanged));
        await Clock.TimerAsync(due => due == TimeSpan.FromSeconds(17));
        var arrived = WaitFor<V1StatefulSet>(set => set.Status?.Replicas == 1);
        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", status: """{"replicas":1}"""));
        await arrived;

        Assert.Equal(0, Controller.Queue.Count);
        await Clock.ElapseAsync(due => due == TimeSpan.FromSeconds(17));
        await Scripted.NextAsync();
        Assert.Equal(2, Scripted.Calls.Count);
    }

    [Fact]
    public async Task AConflict_IsTriedAgain_AndIsNoError()
    {
        var conflicts = 1;
        Scripted.Reconcile = set => Interlocked.Decrement(ref conflicts) >= 0
            ? throw new KubernetesException(new V1Status { Code = 409, Reason = "Conflict" })
            : ReconciliationResult<V1StatefulSet>.Success(set);
        await SettleAsync();
        await Clock.ElapseAsync(IsRetry);

        Assert.Equal("default/a", await Scripted.NextAsync());
        await CountsAsync(1, "reconcile_total", "result=requeue");
        Assert.Equal(0, Counted("reconcile_errors_total"));
    }

    [Fact]
    public async Task Point31_AnApplyThatMeetsAnothersField_IsAnErrorThatIsSeen()
    {
        Scripted.Reconcile = _ => throw new KubernetesException(new V1Status
        {
            Code = 409,
            Reason = "Conflict",
            Message = "Apply failed with 1 conflict: conflict with \"one\": .spec.size",
            Details = new V1StatusDetails { Causes = [new V1StatusCause { Reason = "FieldManagerConflict", Field = ".spec.size" }] },
        });
        await SettleAsync();
        await Clock.TimerAsync(IsRetry);

        await CountsAsync(1, "reconcile_errors_total");
        Assert.Equal(0, Counted("reconcile_total", "result=requeue"));
    }
}
