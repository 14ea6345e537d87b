using System.Runtime.ExceptionServices;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>Work of several names that runs together: until it is cancelled, or until a part of it fails, which stops the others.</summary>
internal sealed class WorkGroup
{
    private readonly List<(string Name, Task Task)> _parts = [];

    /// <summary>The parts that have begun and not ended.</summary>
    public IReadOnlyList<string> Running
    {
        get
        {
            lock (_parts) return [.. _parts.Where(part => !part.Task.IsCompleted).Select(part => part.Name)];
        }
    }

    /// <summary>Returns when all parts have ended; a part that ends by itself ends alone.</summary>
    public async Task RunAsync(IEnumerable<(string Name, Func<CancellationToken, Task> RunAsync)> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        List<Task> tasks = [Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token)];
        foreach (var (name, run) in work)
        {
            var task = Task.Run(() => PartAsync(run), CancellationToken.None);
            tasks.Add(task);
            lock (_parts) _parts.Add((name, task));
        }

        foreach (var task in tasks) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);

        async Task PartAsync(Func<CancellationToken, Task> run)
        {
            try
            {
                await run(stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }
    }
}
