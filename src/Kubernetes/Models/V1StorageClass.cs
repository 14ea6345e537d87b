namespace GpuStack.Kubernetes.Models;

/// <summary>How volumes of a class are made.</summary>
[KubernetesEntity(Group = "storage.k8s.io", ApiVersion = "v1", Kind = "StorageClass", PluralName = "storageclasses", Namespaced = false)]
public sealed class V1StorageClass : KubernetesObject
{
    public string? Provisioner { get; set; }

    public Dictionary<string, string>? Parameters { get; set; }

    public string? ReclaimPolicy { get; set; }

    public List<string>? MountOptions { get; set; }

    public bool? AllowVolumeExpansion { get; set; }

    public string? VolumeBindingMode { get; set; }

    public List<V1TopologySelectorTerm>? AllowedTopologies { get; set; }
}

public sealed class V1TopologySelectorTerm
{
    public List<V1TopologySelectorLabelRequirement>? MatchLabelExpressions { get; set; }
}

public sealed class V1TopologySelectorLabelRequirement
{
    public string? Key { get; set; }

    public List<string>? Values { get; set; }
}
