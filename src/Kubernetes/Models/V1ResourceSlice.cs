namespace GpuStack.Kubernetes.Models;

/// <summary>Devices that a driver of dynamic resource allocation (DRA) offers; served from Kubernetes 1.34 on.</summary>
[KubernetesEntity(Group = "resource.k8s.io", ApiVersion = "v1", Kind = "ResourceSlice", PluralName = "resourceslices", Namespaced = false)]
public sealed class V1ResourceSlice : KubernetesObject
{
    public V1ResourceSliceSpec? Spec { get; set; }
}

/// <summary>Exactly one of nodeName, nodeSelector, allNodes and perDeviceNodeSelection is set.</summary>
public sealed class V1ResourceSliceSpec
{
    public string? Driver { get; set; }

    public V1ResourcePool? Pool { get; set; }

    public string? NodeName { get; set; }

    public V1NodeSelector? NodeSelector { get; set; }

    public bool? AllNodes { get; set; }

    public bool? PerDeviceNodeSelection { get; set; }

    public List<V1Device>? Devices { get; set; }
}

/// <summary>The pool that a slice is part of; only slices of the highest generation count.</summary>
public sealed class V1ResourcePool
{
    public string? Name { get; set; }

    public long? Generation { get; set; }

    public long? ResourceSliceCount { get; set; }
}

/// <summary>Its attributes and capacity are left out: nothing here is planned by them.</summary>
public sealed class V1Device
{
    /// <summary>Unique within the pool.</summary>
    public string? Name { get; set; }
}

/// <summary>
/// The form of Kubernetes 1.32 and 1.33. Only a device's attributes and capacity stand elsewhere in it.
/// </summary>
[KubernetesEntity(Group = "resource.k8s.io", ApiVersion = "v1beta1", Kind = "ResourceSlice", PluralName = "resourceslices", Namespaced = false)]
public sealed class V1beta1ResourceSlice : KubernetesObject
{
    public V1ResourceSliceSpec? Spec { get; set; }
}
