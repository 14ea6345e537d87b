using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>Who leads, under client-go's name. There is a value from an elector's making on: 0 until it leads.</summary>
internal static class ElectionMetrics
{
    private static readonly ConcurrentDictionary<string, int> Status = new(StringComparer.Ordinal);

    static ElectionMetrics() => KubernetesMeter.Meter.CreateObservableGauge(
        "leader_election_master_status",
        static () => Status.Select(entry => new Measurement<int>(entry.Value, new KeyValuePair<string, object?>("name", entry.Key))),
        description: "1 while this process leads by the lease of that name, else 0.");

    public static void Set(string name, bool leads) => Status[name] = leads ? 1 : 0;
}
