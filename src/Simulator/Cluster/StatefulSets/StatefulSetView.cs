using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.StatefulSets;

/// <summary>What the controller needs of a StatefulSet.</summary>
internal sealed class StatefulSetView
{
    public StatefulSetView(StoredObject set)
    {
        Set = set;
        Revision = $"{set.Name}-{TemplateHash.Of(set)}";
    }

    public StoredObject Set { get; }
    public JsonObject Spec => Set.Body["spec"] as JsonObject ?? [];
    public JsonObject Template => Spec["template"] as JsonObject ?? [];

    /// <summary>Name of the revision of the present template.</summary>
    public string Revision { get; }
    public int Replicas => (int)(Set.Content.At("spec", "replicas").AsLong() ?? 1);
    public int First => (int)(Set.Content.At("spec", "ordinals", "start").AsLong() ?? 0);
    public bool IsParallel => Set.Content.At("spec", "podManagementPolicy").Is("Parallel");
    public bool IsOnDelete => Set.Content.At("spec", "updateStrategy", "type").Is("OnDelete");
    public int Partition => (int)(Set.Content.At("spec", "updateStrategy", "rollingUpdate", "partition").AsLong() ?? 0);

    public string PodName(int ordinal) => $"{Set.Name}-{ordinal}";

    /// <summary>The ordinal in a pod's name, or null when the name is none of this set.</summary>
    public static int? Ordinal(string setName, string podName) =>
        podName.Length > setName.Length + 1 && podName.StartsWith(setName, StringComparison.Ordinal) && podName[setName.Length] == '-'
            && int.TryParse(podName.AsSpan(setName.Length + 1), out var ordinal) ? ordinal : null;
}
