using System.Collections.Frozen;

namespace GpuStack.Operator.Metrics;

/// <summary>The labels of each metric, for the reference: an instrument itself does not say them. A test compares them with a scrape.</summary>
internal static class MetricLabels
{
    private static readonly string[] Kind = ["vendor", "product", "unit"];
    private static readonly string[] Deployment = ["namespace", "name"];
    private static readonly string[] Controller = ["controller"];
    private static readonly string[] Queue = ["controller", "name"];

    private static readonly FrozenDictionary<string, string[]> Labels = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["gpustack_build_info"] = ["version"],
        ["gpustack_fleet_gpu_nodes"] = ["ready"],
        ["gpustack_fleet_gpus"] = Kind,
        ["gpustack_fleet_gpus_fragmented"] = Kind,
        ["gpustack_fleet_gpus_free"] = Kind,
        ["gpustack_fleet_gpus_largest_free"] = Kind,
        ["gpustack_fleet_gpus_taken"] = Kind,
        ["gpustack_fleet_gpus_unusable"] = Kind,
        ["gpustack_fleet_vram_bytes"] = Kind,
        ["gpustack_fleet_vram_free_bytes"] = Kind,
        ["gpustack_group_recovery_seconds"] = ["cause"],
        ["gpustack_modeldeployment_condition"] = [.. Deployment, "type", "status", "reason"],
        ["gpustack_modeldeployment_download_bytes_per_second"] = Deployment,
        ["gpustack_modeldeployment_download_remaining_bytes"] = Deployment,
        ["gpustack_modeldeployment_estimate_error_ratio"] = Deployment,
        ["gpustack_modeldeployment_gpus"] = Deployment,
        ["gpustack_modeldeployment_info"] = [.. Deployment, "engine", "model"],
        ["gpustack_modeldeployment_predicted_tokens_per_second"] = Deployment,
        ["gpustack_modeldeployment_replicas_ready"] = Deployment,
        ["gpustack_modeldeployment_replicas_wanted"] = Deployment,
        ["gpustack_modeldeployment_restarts_total"] = Deployment,
        ["gpustack_modeldeployment_vram_bytes"] = Deployment,
        ["gpustack_modeldeployment_vram_planned_bytes"] = Deployment,
        ["gpustack_modeldeployment_vram_used_bytes"] = Deployment,
        ["gpustack_modeldeployments"] = ["type", "status"],
        ["gpustack_modeldeployments_unlisted"] = [],
        ["controller_runtime_active_workers"] = Controller,
        ["controller_runtime_max_concurrent_reconciles"] = Controller,
        ["controller_runtime_reconcile_errors_total"] = Controller,
        ["controller_runtime_reconcile_panics_total"] = Controller,
        ["controller_runtime_reconcile_time_seconds"] = Controller,
        ["controller_runtime_reconcile_timeouts_total"] = Controller,
        ["controller_runtime_reconcile_total"] = [.. Controller, "result"],
        ["controller_runtime_terminal_reconcile_errors_total"] = Controller,
        ["leader_election_master_status"] = ["name"],
        ["process_cpu_seconds_total"] = [],
        ["process_open_fds"] = [],
        ["process_resident_memory_bytes"] = [],
        ["process_start_time_seconds"] = [],
        ["rest_client_requests_total"] = ["code", "method", "host"],
        ["workqueue_adds_total"] = Queue,
        ["workqueue_depth"] = [.. Queue, "priority"],
        ["workqueue_longest_running_processor_seconds"] = Queue,
        ["workqueue_queue_duration_seconds"] = Queue,
        ["workqueue_retries_total"] = Queue,
        ["workqueue_unfinished_work_seconds"] = Queue,
        ["workqueue_work_duration_seconds"] = Queue,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names of all metrics.</summary>
    public static IEnumerable<string> Metrics => Labels.Keys;

    /// <exception cref="KeyNotFoundException">Nothing is said of that metric.</exception>
    public static IReadOnlyList<string> Of(string metric) => Labels[metric];
}
