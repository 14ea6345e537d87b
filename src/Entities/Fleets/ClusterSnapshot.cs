using System.Text.Json.Nodes;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>Nodes, and the pods on them, as a file gives them.</summary>
/// <param name="Nodes">The nodes, in the order of the file.</param>
/// <param name="Pods">The pods.</param>
/// <param name="PodsGiven">False when the file lists nodes alone, so that GPUs already taken cannot be known.</param>
public sealed record ClusterSnapshot(IReadOnlyList<V1Node> Nodes, IReadOnlyList<V1Pod> Pods, bool PodsGiven)
{
    /// <summary>Devices that are offered by dynamic resource allocation; empty when the file says nothing of them.</summary>
    public IReadOnlyList<V1ResourceSlice> Slices { get; init; } = [];

    /// <summary>Claims of storage.</summary>
    public IReadOnlyList<V1PersistentVolumeClaim> Claims { get; init; } = [];

    /// <summary>False when the snapshot holds no claim at all, so that a claim that is not found may exist all the same.</summary>
    public bool ClaimsGiven { get; init; }

    /// <summary>Volumes that claims are bound to, or may be.</summary>
    public IReadOnlyList<V1PersistentVolume> Volumes { get; init; } = [];

    /// <summary>Classes that volumes are made by.</summary>
    public IReadOnlyList<V1StorageClass> StorageClasses { get; init; } = [];

    /// <summary>
    /// Reads a fleet file, or what <c>kubectl get nodes,pods,pvc,pv,storageclasses,resourceslices -A -o yaml</c> (or <c>-o json</c>)
    /// prints: a List, a list of one kind, single objects, several documents. Objects of other kinds are left out.
    /// </summary>
    /// <exception cref="ManifestException">One sentence with file, line, field and remedy.</exception>
    public static ClusterSnapshot Read(string text, string fileName)
    {
        var documents = YamlJson.Read(text, fileName, YamlLimits.ClusterList);
        if (documents is [JsonObject first] && ClusterListReader.KindOf(first) == FleetFile.Kind)
        {
            var fleet = FleetFile.Read(text, fileName);
            return new ClusterSnapshot(FleetNodes.Expand(fleet), [], PodsGiven: true) { Slices = FleetSlices.Expand(fleet) };
        }

        var reader = new ClusterListReader();
        for (var document = 0; document < documents.Count; document++)
        {
            var index = document;
            reader.Read(documents[document], (field, what) => new ManifestException(what, fileName, YamlLines.Find(text, field, index), field));
        }
        if (reader.Nodes.Count == 0)
            throw new ManifestException("the file holds no node; give a Fleet, or what 'kubectl get nodes,pods -A -o yaml' prints", fileName);
        if (reader.Nodes.GroupBy(node => node.Metadata.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
            throw new ManifestException($"the node '{twice.Key}' stands twice; remove one", fileName);
        return new ClusterSnapshot(reader.Nodes, reader.Pods, reader.PodsGiven)
        {
            Slices = reader.Slices,
            Claims = reader.Claims,
            ClaimsGiven = reader.ClaimsGiven,
            Volumes = reader.Volumes,
            StorageClasses = reader.StorageClasses,
        };
    }
}
