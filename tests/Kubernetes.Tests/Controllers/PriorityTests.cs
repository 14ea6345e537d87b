using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Queues;

namespace GpuStack.Kubernetes.Tests.Controllers;

public sealed class PriorityTests : ControllerScene
{
    [Fact]
    public async Task Point21_ChangesOvertakeTheFirstList()
    {
        foreach (var name in new[] { "b", "c", "d" }) Memory.Seed(DefaultSets, Set(name));
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.ReconcileAsync = async set =>
        {
            await release.Task;
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await SettleAsync();
        var arrived = WaitFor<V1StatefulSet>(set => set.Spec!.Replicas == 2);
        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("d", replicas: 2));
        await arrived;
        release.SetResult();

        Assert.Equal("default/d", await Scripted.NextAsync());
        Assert.Equal("default/b", await Scripted.NextAsync());
        Assert.Equal("default/c", await Scripted.NextAsync());
    }

    [Fact]
    public async Task Point21_ARetry_KeepsThePriorityOfWhatFailed()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.ReconcileAsync = async set =>
        {
            if (Scripted.Calls.Count == 2) await release.Task;
            return ReconciliationResult<V1StatefulSet>.Failure(set, "not yet");
        };
        await SettleAsync();
        await Clock.TimerAsync(IsRetry);
        Controller.Enqueue(new EntityKey("default", "a"), 3);
        Assert.Equal("default/a", await Scripted.NextAsync());
        Clock.Advance(TimeSpan.FromSeconds(1));

        // "a" waits again, from the first list's retry; nothing has raised it since.
        var depths = ((Kubernetes.Metrics.IQueueState)Controller.Queue).Depths();
        Assert.Equal(1, depths[QueuePriority.Low]);
        release.SetResult();
    }

    [Fact]
    public async Task Point21_AWatch_MayHaveItsOwnPriority()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var name in new[] { "b", "c" }) Memory.Seed(DefaultSets, Set(name));
        Memory.Seed(DefaultPods, Pod("p", Owner("c")));
        Scripted.ReconcileAsync = async set =>
        {
            await release.Task;
            return ReconciliationResult<V1StatefulSet>.Success(set);
        };
        await StartAsync(c => c.Owns<V1Pod>(priority: _ => 10).Priority(change => change.Object.Metadata.Name == "b" ? 5 : 0), watches: 2);
        release.SetResult();

        Assert.Equal("default/c", await Scripted.NextAsync());
        Assert.Equal("default/b", await Scripted.NextAsync());
        Assert.Equal("default/a", await Scripted.NextAsync());
    }

    [Fact]
    public void Point21_OnlyWhatIsSaidAgain_IsLessUrgent()
    {
        var change = new InformerEvent<V1StatefulSet>(InformerEventType.Updated, new V1StatefulSet(), new V1StatefulSet());

        Assert.Equal(QueuePriority.Low, ChangePriority.Default(change with { Type = InformerEventType.Added, Previous = null, IsInitial = true }));
        Assert.Equal(QueuePriority.Low, ChangePriority.Default(change with { IsResync = true }));
        Assert.Equal(QueuePriority.Normal, ChangePriority.Default(change));
        Assert.Equal(QueuePriority.Normal, ChangePriority.Default(change with { Type = InformerEventType.Deleted, IsStale = true }));
    }
}
