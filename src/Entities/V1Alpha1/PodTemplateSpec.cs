using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>What every pod of the deployment carries besides what the operator sets.</summary>
public sealed class PodTemplateSpec
{
    /// <summary>Further labels of the pods; those of app.kubernetes.io and inference.gpustack.io are the operator's.</summary>
    [Items(0, 50)]
    [Length(0, 63)]
    [CelRule(
        "self.all(key, !key.startsWith('inference.gpustack.io/') && !key.startsWith('app.kubernetes.io/'))",
        "labels of inference.gpustack.io and app.kubernetes.io are the operator's own: remove them")]
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>Further annotations of the pods.</summary>
    [Items(0, 50)]
    [Length(0, 4096)]
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Priority class; deployments that wait for GPUs are served in the order of its value, then of their age.</summary>
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? PriorityClassName { get; set; }

    /// <summary>Service account of the pods. Its token is not mounted.</summary>
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? ServiceAccountName { get; set; }

    /// <summary>Runtime class, such as <c>nvidia</c>.</summary>
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? RuntimeClassName { get; set; }

    /// <summary>Secrets with the credentials of image registries.</summary>
    [ListType(ListKind.Map, "name")]
    [Items(0, 20)]
    public List<V1LocalObjectReference>? ImagePullSecrets { get; set; }

    /// <summary>Time that the engine has to finish its requests when a pod is stopped, in seconds. Default: 30.</summary>
    [Range(0, 86_400)]
    public long? TerminationGracePeriodSeconds { get; set; }

    /// <summary>Security context of the pods. Default: user and group 1000 at the restricted Pod Security level.</summary>
    public V1PodSecurityContext? SecurityContext { get; set; }
}
