using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;

namespace GpuStack.Operator.Objects.Startup;

/// <summary>
/// How the installation's authorities come to the containers that fetch models: by a ConfigMap of the deployment. They are in no hash of the
/// pods: other ones restart nothing, and reach the pods that are made after them. Pure.
/// </summary>
internal static class TrustVolume
{
    /// <summary>Where the containers find the certificates.</summary>
    public const string File = $"{Folder}/{Key}";

    private const string Folder = "/var/lib/gpustack/trust";
    private const string Key = "ca.crt";
    private const string Name = "trust";

    /// <summary>The ConfigMap; null where there are no authorities, or nothing is fetched.</summary>
    public static V1ConfigMap? Map(ModelDeployment deployment, OperatorSettings settings) => settings.Authorities is { } authorities && IsFetched(deployment)
        ? new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = ObjectIdentity.Of(deployment, ObjectName.Authorities(deployment.Metadata.Name ?? "")),
            Data = new Dictionary<string, string>(StringComparer.Ordinal) { [Key] = authorities.Pem },
        }
        : null;

    /// <summary>Whether an object is the deployment's ConfigMap of authorities, of this installation or of what it was.</summary>
    public static bool IsMap(IKubernetesObject child, ModelDeployment deployment) =>
        child is V1ConfigMap && child.Metadata.Name == ObjectName.Authorities(deployment.Metadata.Name ?? "");

    /// <summary>The pod's volume, if any.</summary>
    public static IEnumerable<V1Volume> Volumes(ModelDeployment deployment, OperatorSettings settings) => settings.Authorities is not null && IsFetched(deployment)
        ? [new V1Volume { Name = Name, ConfigMap = new V1ConfigMapVolumeSource { Name = ObjectName.Authorities(deployment.Metadata.Name ?? "") } }]
        : [];

    /// <summary>The mount in the container that fetches, if any.</summary>
    public static IEnumerable<V1VolumeMount> Mounts(ModelDeployment deployment, OperatorSettings settings) => settings.Authorities is not null && IsFetched(deployment)
        ? [new V1VolumeMount { Name = Name, MountPath = Folder, ReadOnly = true }]
        : [];

    private static bool IsFetched(ModelDeployment deployment) => !ModelSource.IsVolume(deployment.Spec.Model);
}
