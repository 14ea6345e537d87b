namespace GpuStack.Kubernetes.Models;

/// <summary>The pods that a controller makes.</summary>
public sealed class V1PodTemplateSpec
{
    public V1ObjectMeta? Metadata { get; set; }

    public V1PodSpec? Spec { get; set; }
}
