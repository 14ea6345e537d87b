using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Controllers;

/// <summary>Reconciliations that are cut off, by a stop or by their time limit.</summary>
public sealed class StopTests : ControllerScene
{
    [Fact]
    public async Task Stop_CancelsWhatRuns_AndWaitsForIt()
    {
        var ended = false;
        Scripted.WithToken = async cancellation =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, Clock, cancellation);
            }
            finally
            {
                ended = true;
            }
        };
        await SettleAsync();
        await StopSource.CancelAsync();
        await Run.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.True(ended);
        Assert.Equal(0, Counted("reconcile_errors_total"));
    }

    [Fact]
    public async Task Stop_IsNotFailed_ByAnExceptionThatTheCancellationLedTo()
    {
        Scripted.WithToken = async cancellation =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, Clock, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            throw new HttpRequestException("the connection was closed");
        };
        await SettleAsync();
        await StopSource.CancelAsync();

        await Run.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task AReconciliationThatIgnoresTheCancellation_IsWaitedFor_AndKeepsItsObject()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.ReconcileAsync = async set =>
        {
            await release.Task;
            return ReconciliationResult<V1StatefulSet>.Success(set, TimeSpan.FromSeconds(1));
        };
        await SettleAsync(c => c.Workers(2).Timeout(TimeSpan.FromSeconds(5)));
        Controller.Enqueue(new EntityKey("default", "a"));
        await Clock.ElapseAsync(due => due == TimeSpan.FromSeconds(5));
        Assert.Single(Scripted.Calls);
        await StopSource.CancelAsync();
        // The host tells the workers a moment later; a reconciliation that ends before may still be followed by another.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!Controller.Queue.IsShutDown && !limit.IsCancellationRequested) await Task.Yield();
        Assert.False(Run.IsCompleted);

        release.SetResult();
        await Run.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Single(Scripted.Calls);
        await CountsAsync(1, "reconcile_timeouts_total");
    }

    [Fact]
    public async Task ATimeout_CancelsTheReconciliation_CountsIt_AndTriesAgain()
    {
        Scripted.WithToken = cancellation => Scripted.Calls.Count == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, Clock, cancellation) : Task.CompletedTask;
        await SettleAsync(c => c.Timeout(TimeSpan.FromSeconds(5)));
        await Clock.ElapseAsync(due => due == TimeSpan.FromSeconds(5));
        await Clock.ElapseAsync(IsRetry);

        Assert.Equal("default/a", await Scripted.NextAsync());
        await CountsAsync(1, "reconcile_timeouts_total");
        await CountsAsync(1, "reconcile_errors_total");
        Assert.Equal(0, Counted("reconcile_panics_total"));
    }
}
