using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.LeaderElection;

internal static class InlineDelay
{
    /// <summary>
    /// A delay whose cancellation, too, goes on at once on the thread that cancels: Task.Delay leaves that to another
    /// thread, for which a test's clock does not wait.
    /// </summary>
    public static async Task InlineAsync(this TestClock clock, TimeSpan delay, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource();
        await using var timer = clock.CreateTimer(_ => done.TrySetResult(), null, delay, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.UnsafeRegister(_ => done.TrySetCanceled(cancellationToken), null);
        await done.Task.ConfigureAwait(false);
    }
}
