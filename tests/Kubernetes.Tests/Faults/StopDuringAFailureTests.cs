using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace GpuStack.Kubernetes.Tests.Faults;

public sealed class StopDuringAFailureTests
{
    /// <summary>A failure that was under way when the informer was told to stop is no failure of the run.</summary>
    [Fact]
    public async Task Point10_AFailureThatComesWithTheStop_DoesNotFailTheRun()
    {
        using var stop = new CancellationTokenSource();
        var client = Substitute.For<IKubernetesClient>();
        client.ListAsync<V1ConfigMap>(Arg.Any<string?>(), Arg.Any<ListOptions?>(), Arg.Any<CancellationToken>()).Returns<KubernetesList<V1ConfigMap>>(_ =>
        {
            stop.Cancel();
            throw new KubernetesException(new V1Status { Code = 503, Message = "apiserver is shutting down" });
        });
        client.WatchAsync<V1ConfigMap>(Arg.Any<string?>(), Arg.Any<WatchOptions?>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            stop.Cancel();
            throw new KubernetesException(new V1Status { Code = 503, Message = "apiserver is shutting down" });
        });
        var informer = new Informer<V1ConfigMap>(client, null, TimeProvider.System, NullLoggerFactory.Instance);

        await informer.RunAsync(stop.Token).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.True(informer.InitialSync.IsCanceled);
    }
}
