using Microsoft.Extensions.Hosting;

namespace GpuStack.Simulator.Listening;

/// <summary>Leaves signals to the program that runs the server: it is stopped by disposal alone.</summary>
internal sealed class DetachedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
