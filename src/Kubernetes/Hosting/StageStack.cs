using GpuStack.Kubernetes.Logging;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>
/// What a process has started, in order; it is stopped in the opposite order, all of it within one time. What does not
/// end in its time is named in the log and left behind.
/// </summary>
internal sealed class StageStack(TimeProvider time, ILogger logger)
{
    private readonly Stack<Stage> _stages = [];

    /// <summary>Call before the start: what starts half has to be stopped as well.</summary>
    public void Push(Stage stage) => _stages.Push(stage);

    public async Task StopAsync(TimeSpan timeout)
    {
        var began = time.GetTimestamp();
        while (_stages.TryPop(out var stage))
        {
            var left = timeout * stage.Share - time.GetElapsedTime(began);
            using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
            try
            {
                await stage.StopAsync(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                var running = stage.Running?.Invoke() is { Count: > 0 } parts ? string.Join(", ", parts) : stage.Name;
                Log.StillRunning(logger, Bounded.Text(running), time.GetElapsedTime(began).TotalSeconds);
            }
            catch (Exception e)
            {
                Log.StopFailed(logger, e, stage.Name);
            }
        }
    }
}
