using System.CommandLine;
using GpuStack.Entities;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.LeaderElection;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Metrics;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Commands.Run;

/// <summary><c>run</c>: the operator against a real cluster, until SIGTERM or Ctrl+C.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var options = new RunOptions();
        var command = new Command("run", "Runs the operator against the current cluster.");
        options.AddTo(command);
        command.SetAction((result, cancellationToken) => RunAsync(options, result, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options, ParseResult result, CancellationToken cancellationToken)
    {
        try
        {
            var configuration = options.Kubeconfig(result);
            // What is measured before the exporter listens is not counted.
            using var metrics = options.ServesMetrics(result) ? new PrometheusExporter(OperatorMeter.Name) : null;
            var settings = options.Observability.Apply(result, options.Settings(result, configuration.Namespace)) with
            {
                Metrics = metrics is null ? null : new MetricsSource(PrometheusExporter.ContentType, metrics.WriteAsync)
                {
                    OpenMetrics = new MetricsSource(PrometheusExporter.OpenMetricsContentType, metrics.WriteOpenMetricsAsync),
                },
                TrimMemory = true,
                Products = await GpuProducts.ReadAsync(options.Products(result), cancellationToken),
            };
            using var loggerFactory = ConsoleLogging.Create(options.Verbose(result) ? LogLevel.Debug : LogLevel.Information, options.Observability.LogFormat(result));
            using var telemetry = options.Observability.Collector(result) is { } collector ? OtlpExport.Start(collector, OperatorHost.Version, settings.Identity, TimeProvider.System, loggerFactory) : null;
            using var client = new KubernetesClient(configuration, new KubernetesJson(EntitiesJsonContext.Default), TimeProvider.System, options.Client(result, loggerFactory));
            await OperatorHost.RunAsync(client, settings, TimeProvider.System, loggerFactory, cancellationToken);
            return ExitCodes.Success;
        }
        catch (KubeconfigException exception)
        {
            throw new InputException(exception.Message, exception);
        }
        catch (CacheSyncException exception)
        {
            throw new WorkFailedException($"{exception.Message} Is the CRD installed (config/crd), and may the operator list it (config/rbac)?", exception);
        }
        catch (HostStartException exception)
        {
            throw new WorkFailedException(exception.Message, exception);
        }
        catch (LeadershipLostException exception)
        {
            throw new WorkFailedException(exception.Message, exception);
        }
    }
}
