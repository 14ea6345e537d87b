using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Metrics;

/// <summary>One metric of the operator, as its instrument says.</summary>
/// <param name="Name">The name that is scraped.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Unit">In words; empty for none.</param>
/// <param name="Meaning">A sentence.</param>
internal sealed record MetricDescription(string Name, string Type, string Unit, string Meaning)
{
    /// <summary>All metrics, sorted by name.</summary>
    public static IReadOnlyList<MetricDescription> All()
    {
        var found = new SortedDictionary<string, MetricDescription>(StringComparer.Ordinal);
        using var metrics = new OperatorMetrics(new Nobody(), _ => [], _ => EngineFigures.None, new FleetSource(ProductTable.Default), "", TimeProvider.System);
        ProcessMetrics.Publish();
        RuntimeHelpers.RunClassConstructor(typeof(ClientMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(ControllerMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(ElectionMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(QueueMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(RecoveryMetrics).TypeHandle);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name is KubernetesMeter.Name or OperatorMeter.Name)
                    found.TryAdd(instrument.Name, new MetricDescription(instrument.Name, MetricFamily.Of(instrument).Type, Words(instrument.Unit), instrument.Description ?? ""));
            },
        };
        listener.Start();
        return [.. found.Values];
    }

    private static string Words(string? unit) => unit switch
    {
        null or "" => "",
        "By" => "bytes",
        "By/s" => "bytes per second",
        "s" => "seconds",
        "1" => "ratio",
        "{gpu}" => "GPUs",
        "{token}/s" => "tokens per second",
        _ => unit.Trim('{', '}') + "s",
    };

    /// <summary>A cache without deployments.</summary>
    private sealed class Nobody : IEntityCache<ModelDeployment>
    {
        public int Count => 0;

        public ModelDeployment? Get(EntityKey key) => null;

        public IReadOnlyList<ModelDeployment> List() => [];

        public IReadOnlyList<ModelDeployment> ListByIndex(string indexName, string value) => [];
    }
}
