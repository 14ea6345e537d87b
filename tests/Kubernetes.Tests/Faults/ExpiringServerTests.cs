using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Faults;

public sealed class ExpiringServerTests
{
    /// <summary>A server with a window too short for its changes expires every watch at once; lists are the dearest of all requests.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Point04_AServerThatExpiresEveryWatch_IsListedWithWaitsBetween(bool streaming)
    {
        var clock = new TestClock();
        await using var server = await ScriptedServer.StartAsync();
        server.Answer = _ => Json.ConfigMaps(10, Json.ConfigMap("a", 1));
        server.RefuseWatch = _ => ScriptedAnswer.Failure(410, "Expired", "too old resource version: 10 (40)");
        using var client = server.CreateClient(clock);
        using var stop = new CancellationTokenSource();
        var informer = new Informer<V1ConfigMap>(
            client, new InformerOptions<V1ConfigMap> { StreamingList = streaming }, clock, NullLoggerFactory.Instance);
        var run = informer.RunAsync(stop.Token);

        // The clock stands still: it gets as far as the first wait.
        for (var i = 0; i < 4; i++) await clock.ElapseAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(30));
        await clock.TimerAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(30));
        Assert.InRange(server.Requests.Count(request => request.IsList), 1, 6);

        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
