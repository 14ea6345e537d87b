using System.Threading.Channels;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// Brings deployments that wait for capacity back as soon as something becomes free, in their order. Many changes in a short while are one
/// wake-up.
/// </summary>
internal sealed class CapacityWaker
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private readonly PlanningDesk _desk;
    private readonly Action<DeploymentKey> _wake;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _freed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public CapacityWaker(FleetSource fleet, PlanningDesk desk, Action<DeploymentKey> wake, TimeProvider time)
    {
        _desk = desk;
        _wake = wake;
        _time = time;
        fleet.Freed = () => _freed.Writer.TryWrite(true);
    }

    /// <summary>Wakes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _freed.Reader.WaitToReadAsync(cancellationToken))
            {
                await Task.Delay(Gathering, _time, cancellationToken);
                while (_freed.Reader.TryRead(out _))
                {
                    // All of them are one.
                }
                foreach (var deployment in _desk.WaitingInOrder())
                    _wake(deployment);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
