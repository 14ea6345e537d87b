using GpuStack.Kubernetes.Client;
using GpuStack.Operator.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>An operator that serves a test's namespace until it is disposed of.</summary>
internal sealed class OperatorRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    private OperatorRun(TestCluster cluster, Func<OperatorSettings, OperatorSettings>? change, IKubernetesClient? client)
    {
        var settings = new OperatorSettings
        {
            // A given cluster is shared with others.
            Namespaces = cluster.IsOwn ? [] : [cluster.Namespace],
            HealthPort = null,
            HuggingFaceEndpoint = cluster.HubUrl,
            SupervisorUrl = cluster.SupervisorUrl,
            NodeLostToleration = TimeSpan.FromSeconds(1),
            UnschedulableToleration = TimeSpan.FromSeconds(1),
        };
        _run = OperatorHost.RunAsync(client ?? cluster.OperatorClient, change?.Invoke(settings) ?? settings, TimeProvider.System, Logging(), _stop.Token);
    }

    /// <param name="cluster">The cluster.</param>
    /// <param name="change">What the operator's settings are besides.</param>
    /// <param name="client">The operator's way to the cluster; null for its ServiceAccount's.</param>
    public static OperatorRun Start(
        TestCluster cluster, Func<OperatorSettings, OperatorSettings>? change = null, IKubernetesClient? client = null) => new(cluster, change, client);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    /// <summary>GPUSTACK_TEST_LOG=1 shows what the operators of the tests log.</summary>
    private static ILoggerFactory Logging() => Environment.GetEnvironmentVariable("GPUSTACK_TEST_LOG") is "1"
        ? LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Debug).AddSimpleConsole(console => console.SingleLine = true))
        : NullLoggerFactory.Instance;
}
