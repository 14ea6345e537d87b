using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Controllers;

/// <summary>Objects that go, and what is kept of them.</summary>
public sealed class DeletionTests : ControllerScene
{
    [Fact]
    public async Task ADeletion_IsToldOnce_AndNothingIsKept()
    {
        await SettleAsync();
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));

        Assert.Equal("deleted default/a", await Scripted.NextAsync());
        await SettledAsync();
        Assert.Equal(0, Controller.TombstoneCount);
        Assert.Equal(0, Controller.Queue.FailedCount);
    }

    [Fact]
    public async Task ADeletionThatFails_IsToldAgain_ThenLetGo()
    {
        Scripted.Deleted = set => Scripted.Calls.Count < 3 ? ReconciliationResult<V1StatefulSet>.Failure(set, "not yet") : ReconciliationResult<V1StatefulSet>.Success(set);
        await SettleAsync();
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));
        await Scripted.NextAsync();
        await Clock.ElapseAsync(IsRetry);

        Assert.Equal("deleted default/a", await Scripted.NextAsync());
        await SettledAsync();
        Assert.Equal(0, Controller.TombstoneCount);
        Assert.Equal(0, Controller.Queue.FailedCount);
    }

    [Fact]
    public async Task ADeletionThatAsksToComeBack_IsToldAgain()
    {
        Scripted.Deleted = set => ReconciliationResult<V1StatefulSet>.Success(set, Scripted.Calls.Count < 3 ? TimeSpan.FromSeconds(9) : null);
        await SettleAsync();
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));
        await Scripted.NextAsync();
        await Clock.ElapseAsync(due => due == TimeSpan.FromSeconds(9));

        Assert.Equal("deleted default/a", await Scripted.NextAsync());
        await SettledAsync();
        Assert.Equal(0, Controller.TombstoneCount);
    }

    [Fact]
    public async Task Point25_ADeletionThatFailsForGood_IsLetGo()
    {
        Scripted.Deleted = _ => throw new TerminalException("never");
        await SettleAsync();
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));
        await Scripted.NextAsync();
        await SettledAsync();

        Assert.Equal(0, Controller.TombstoneCount);
        Assert.Equal(0, Controller.Queue.DelayedCount);
    }

    [Fact]
    public async Task AnObjectThatExistsAgain_IsReconciled_AndItsFormerStateIsLetGo()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.ReconcileAsync = async set =>
        {
            if (Scripted.Calls.Count == 1) await release.Task;
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await SettleAsync();
        var arrived = WaitFor<V1StatefulSet>(set => set.Spec!.Replicas == 7);
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));
        await Memory.ChangeAsync(Sets, DefaultSets, "ADDED", Set("a", replicas: 7));
        await arrived;
        Assert.Equal(0, Controller.TombstoneCount);
        release.SetResult();

        Assert.Equal("default/a", await Scripted.NextAsync());
        await SettledAsync();
        Assert.Equal(["default/a", "default/a"], Scripted.Calls);
    }

    [Fact]
    public async Task ADeletionDuringWork_IsNotLost()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.ReconcileAsync = async set =>
        {
            await release.Task;
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await SettleAsync();
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));
        while (Controller.TombstoneCount == 0) await Task.Yield();
        release.SetResult();

        Assert.Equal("deleted default/a", await Scripted.NextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Point25_WorkThatFailsForGood_WhileItsObjectGoes_DoesNotHideTheDeletion(bool throws)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.ReconcileAsync = async set =>
        {
            await release.Task;
            return throws ? throw new TerminalException("never") : ReconciliationResult<V1StatefulSet>.Terminal(set, "never");
        };
        await SettleAsync();
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));
        while (Controller.TombstoneCount == 0) await Task.Yield();
        release.SetResult();

        Assert.Equal("deleted default/a", await Scripted.NextAsync());
        await SettledAsync();
        Assert.Equal(0, Controller.TombstoneCount);
    }

    [Fact]
    public async Task BeforeItRuns_AControllerGathersNothing()
    {
        Add();
        var informer = Host.Informer<V1StatefulSet>();
        using var stop = new CancellationTokenSource();
        var following = informer.RunAsync(stop.Token);
        await Memory.AcceptWatchesAsync(1);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        informer.AddHandler(change =>
        {
            if (change.Type == Kubernetes.Informers.InformerEventType.Deleted) gone.TrySetResult();
        });
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a"));
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Equal(0, Controller.TombstoneCount);
        Assert.Equal(0, Controller.Queue.Count);
        await stop.CancelAsync();
        await following;
    }

    /// <summary>Until no key is ready or in hand.</summary>
    private async Task SettledAsync()
    {
        var queue = (Kubernetes.Metrics.IQueueState)Controller.Queue;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (queue.InHand().Count > 0 || queue.Depths().Count > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
