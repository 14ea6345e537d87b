using GpuStack.Entities.Schema;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>
/// A model that is served: the operator reads what GPUs the nodes have, works out the memory that the model needs, decides where it
/// runs and creates the leader and its workers.
/// </summary>
[KubernetesEntity(Group = "inference.gpustack.io", ApiVersion = "v1alpha1", Kind = "ModelDeployment", PluralName = "modeldeployments")]
[ResourceNames("modeldeployment", "mdeploy", "all", "ai")]
[ScaleSubresource(".spec.replicas", ".status.replicas", ".status.selector")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status", Description = "Whether all groups serve requests")]
[PrinterColumn("Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason", Description = "Reason of the Ready condition")]
[PrinterColumn("Model", "string", ".status.model.name", Description = "The model")]
[PrinterColumn("Engine", "string", ".status.engine.type", Description = "The inference engine")]
[PrinterColumn("Replicas", "integer", ".spec.replicas", Description = "Groups that are wanted")]
[PrinterColumn("Leader", "string", ".status.groups[0].leader.node", Description = "Node of the first group's leader")]
[PrinterColumn("GPUs", "integer", ".status.gpus", Description = "GPUs of all groups")]
[PrinterColumn("VRAM", "string", ".status.vram", Wide = true, Description = "Memory of these GPUs")]
[PrinterColumn("Tokens/s", "string", ".status.groups[0].predictedTokensPerSecond", Wide = true, Description = "Predicted speed of one request in the first group")]
[PrinterColumn("Endpoint", "string", ".status.endpoint", Wide = true, Description = "URL of the API inside the cluster")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp", Description = "Time since creation")]
[CelRule(
    "size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    "metadata.name is at most 40 characters of a-z, 0-9 and '-', starts with a letter and ends with a letter or digit, because " +
    "Services carry it")]
public sealed class ModelDeployment : KubernetesObject
{
    /// <summary>What is wanted.</summary>
    /// <remarks>Null only in what <see cref="StatusPatch"/> makes.</remarks>
    [Required]
    public ModelDeploymentSpec Spec { get; set; } = new();

    /// <summary>What the operator found and did.</summary>
    /// <remarks>
    /// What the default says is older than any spec: kstatus, by which helm and Flux wait, takes an object without a status for done.
    /// </remarks>
    [SchemaDefault("""{"observedGeneration":-1}""")]
    public ModelDeploymentStatus? Status { get; set; }

    /// <summary>An object to apply to the status subresource: identity and status, no spec.</summary>
    public static ModelDeployment StatusPatch(ModelDeployment target, ModelDeploymentStatus status) => new()
    {
        ApiVersion = "inference.gpustack.io/v1alpha1",
        Kind = "ModelDeployment",
        Metadata = new V1ObjectMeta { Name = target.Metadata.Name, Namespace = target.Metadata.Namespace },
        Spec = null!,
        Status = status,
    };
}
