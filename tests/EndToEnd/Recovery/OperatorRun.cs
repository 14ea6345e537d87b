using GpuStack.Entities;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Operator.Hosting;
using GpuStack.Simulator;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.EndToEnd.Recovery;

/// <summary>One run of the operator against a simulated cluster; its end is the operator's.</summary>
internal sealed class OperatorRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubernetesClient _client;
    private readonly Task _running;

    /// <param name="cluster">The cluster.</param>
    /// <param name="kubeconfig">The operator's way to it.</param>
    /// <param name="clock">The operator's clock.</param>
    /// <param name="change">Changes the settings.</param>
    public OperatorRun(SimulatedCluster cluster, string kubeconfig, TimeProvider clock, Func<OperatorSettings, OperatorSettings> change)
    {
        _client = new KubernetesClient(KubernetesClientConfiguration.FromText(kubeconfig), new KubernetesJson(EntitiesJsonContext.Default), clock);
        var settings = change(new OperatorSettings
        {
            HealthPort = null,
            Identity = "test",
            HuggingFaceEndpoint = cluster.HubUrl!,
            SupervisorUrl = cluster.SupervisorUrl,
        });
        _running = OperatorHost.RunAsync(_client, settings, clock, Logging(), _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _stop.Dispose();
    }

    /// <summary>GPUSTACK_TEST_LOG=1 shows what the operator logs.</summary>
    private static ILoggerFactory Logging() => Environment.GetEnvironmentVariable("GPUSTACK_TEST_LOG") is "1"
        ? LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Debug).AddSimpleConsole(console => console.SingleLine = true))
        : NullLoggerFactory.Instance;
}
