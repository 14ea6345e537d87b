using System.Diagnostics.Metrics;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Metrics;

/// <summary>
/// What is measured of each deployment: read off what is known when somebody asks, so that nothing is kept, and what is deleted is gone.
/// No series has a pod or a node in its labels.
/// </summary>
internal sealed class DeploymentMetrics
{
    /// <summary>Deployments with series of their own, the first by namespace and name; sums count all.</summary>
    public const int MostDeployments = 2000;

    /// <summary>The metric with the most series.</summary>
    public const string ConditionMetric = "gpustack_modeldeployment_condition";

    private readonly IEntityCache<ModelDeployment> _deployments;
    private readonly Func<DeploymentKey, IEnumerable<PlannedGroup>> _plans;
    private readonly Func<DeploymentKey, EngineFigures> _engines;
    private readonly Func<bool> _active;
    private readonly CollectionFigures<Collection> _figures;

    /// <param name="meter">Of this operator.</param>
    /// <param name="deployments">All deployments.</param>
    /// <param name="plans">The plans in force of one.</param>
    /// <param name="engines">What the pods of one said.</param>
    /// <param name="active">Whether this replica works; the others report nothing.</param>
    public DeploymentMetrics(
        Meter meter,
        IEntityCache<ModelDeployment> deployments,
        Func<DeploymentKey, IEnumerable<PlannedGroup>> plans,
        Func<DeploymentKey, EngineFigures> engines,
        Func<bool> active)
    {
        _engines = engines;
        _deployments = deployments;
        _plans = plans;
        _active = active;
        _figures = new CollectionFigures<Collection>(Collect);
        meter.CreateObservableGauge("gpustack_modeldeployments", Read(Sums), "{deployment}", "ModelDeployments by condition and its status.");
        meter.CreateObservableGauge(
            "gpustack_modeldeployments_unlisted", Read(Unlisted), "{deployment}", $"ModelDeployments without series of their own, for only {MostDeployments} have them.");
        meter.CreateObservableGauge("gpustack_modeldeployment_info", Read(Info), description: "1 for each ModelDeployment, with its engine and its model.");
        meter.CreateObservableGauge(
            ConditionMetric, Read(Conditions), description: "1 for each condition of a ModelDeployment, with its present status (true, false or unknown) and reason.");
        Each(meter, "gpustack_modeldeployment_replicas_wanted", "{group}", "Groups that are to serve; 0 while it is suspended, only planned or being deleted.", one => one.WantedReplicas);
        Each(meter, "gpustack_modeldeployment_replicas_ready", "{group}", "Groups that serve.", one => one.ReadyReplicas);
        Each(meter, "gpustack_modeldeployment_gpus", "{gpu}", "GPUs of the plans in force.", one => one.Gpus);
        Each(meter, "gpustack_modeldeployment_vram_bytes", "By", "Memory of the GPUs of the plans in force.", one => one.Vram);
        Each(meter, "gpustack_modeldeployment_vram_planned_bytes", "By", "GPU memory that the engines should take by the estimate: weights, KV cache, compute buffers and overhead.", one => one.PlannedVram);
        Each(meter, "gpustack_modeldeployment_vram_used_bytes", "By", "GPU memory that the engines said they took: weights, KV cache and compute buffers. llama.cpp only.", one => one.UsedVram);
        Each(meter, "gpustack_modeldeployment_estimate_error_ratio", "1", "What the engines said they took to what was estimated of the same, less one; without overhead. llama.cpp only.", one => one.EstimateError);
        Each(meter, "gpustack_modeldeployment_download_bytes_per_second", "By/s", "Speed at which pods fetch the model now.", one => one.DownloadSpeed);
        Each(meter, "gpustack_modeldeployment_download_remaining_bytes", "By", "What pods that fetch the model still have to receive.", one => one.DownloadRemaining);
        Each(meter, "gpustack_modeldeployment_predicted_tokens_per_second", "{token}/s", "Predicted decode speed of one request in the slowest group.", one => one.PredictedTokensPerSecond);
        meter.CreateObservableCounter(
            "gpustack_modeldeployment_restarts_total",
            Read(all => all.Listed.Select(one => new Measurement<long>(one.Figures.Restarts, Labels(one.Figures)))),
            "{restart}",
            "Restarts of engines and containers in the pods that are there.");
    }

    private void Each(Meter meter, string name, string unit, string meaning, Func<DeploymentFigures, double?> value) => meter.CreateObservableGauge(
        name,
        Read(all => all.Listed
            .Select(one => (Value: value(one.Figures), one.Figures))
            .Where(pair => pair.Value is not null)
            .Select(pair => new Measurement<double>(pair.Value!.Value, Labels(pair.Figures)))),
        unit,
        meaning);

    /// <summary>What an instrument shows; nothing while this replica does not work.</summary>
    private Func<IEnumerable<Measurement<T>>> Read<T>(Func<Collection, IEnumerable<Measurement<T>>> show)
        where T : struct
    {
        var read = _figures.Reader();
        return () => _active() ? show(read()) : [];
    }

    private Collection Collect()
    {
        var all = _deployments.List();
        IEnumerable<ModelDeployment> listed = all.Count <= MostDeployments
            ? all
            : all.OrderBy(one => one.Metadata.Namespace, StringComparer.Ordinal).ThenBy(one => one.Metadata.Name, StringComparer.Ordinal).Take(MostDeployments);
        return new Collection(all, [.. listed.Select(one => (one, DeploymentFigures.Of(one, _plans(Key(one)), _engines(Key(one)))))]);
    }

    private static IEnumerable<Measurement<int>> Info(Collection all) => all.Listed.Select(one => new Measurement<int>(
        1, [.. Labels(one.Figures), OperatorMeter.Label("engine", one.Figures.Engine), OperatorMeter.Label("model", one.Figures.Model)]));

    private static IEnumerable<Measurement<int>> Conditions(Collection all) =>
        from one in all.Listed
        from condition in one.Deployment.Status?.Conditions ?? []
        select new Measurement<int>(
            1,
            [
                .. Labels(one.Figures),
                OperatorMeter.Label("type", condition.Type ?? ""),
                OperatorMeter.Label("status", StatusOf(condition)),
                OperatorMeter.Label("reason", condition.Reason ?? ""),
            ]);

    private static IEnumerable<Measurement<int>> Sums(Collection all) => all.Deployments
        .SelectMany(deployment => deployment.Status?.Conditions ?? [])
        .GroupBy(condition => (Type: condition.Type ?? "", Status: StatusOf(condition)))
        .Select(same => new Measurement<int>(same.Count(), OperatorMeter.Label("type", same.Key.Type), OperatorMeter.Label("status", same.Key.Status)));

    private static IEnumerable<Measurement<int>> Unlisted(Collection all) => [new Measurement<int>(all.Deployments.Count - all.Listed.Count)];

    private static string StatusOf(V1Condition condition) => condition.Status switch
    {
        "True" => "true",
        "False" => "false",
        _ => "unknown",
    };

    private static DeploymentKey Key(ModelDeployment deployment) => new(deployment.Metadata.Namespace ?? "", deployment.Metadata.Name ?? "");

    private static KeyValuePair<string, object?>[] Labels(DeploymentFigures one) => [OperatorMeter.Label("namespace", one.Namespace), OperatorMeter.Label("name", one.Name)];

    /// <summary>What one collection sees.</summary>
    /// <param name="Deployments">All.</param>
    /// <param name="Listed">Those that have series of their own.</param>
    private sealed record Collection(IReadOnlyList<ModelDeployment> Deployments, IReadOnlyList<(ModelDeployment Deployment, DeploymentFigures Figures)> Listed);
}
