using System.Runtime.InteropServices;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Events;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace Peers;

/// <summary>Runs the controller against the cluster that kubectl would use.</summary>
public static class Program
{
    /// <summary>Until SIGTERM or Ctrl+C.</summary>
    public static async Task Main()
    {
        using var stop = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole());
        using var client = new KubernetesClient(KubernetesClientConfiguration.Load(), new KubernetesJson());
        await RunAsync(client, logging, stop.Token);

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Runs the controller with whatever client it is given.</summary>
    public static async Task RunAsync(IKubernetesClient client, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        using var host = new ControllerHost(client, new KubernetesJson(), TimeProvider.System, logging);
        var events = new EventRecorder(
            client, new EventRecorderOptions { ReportingController = "example.com/peers", ReportingInstance = Environment.MachineName }, TimeProvider.System, logging);
        var controller = new PeersController(client, host.Informer<V1ConfigMap>().Cache, events);
        host.AddController(controller, builder => builder
            .Workers(4)
            .When(Predicates.GenerationChanged)
            .Finalizer(controller)
            .Owns<V1ConfigMap>());

        host.UseEvents(events);
        await host.RunAsync(cancellationToken);
    }
}
