using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Inspection;

namespace GpuStack.Operator.Objects;

/// <summary>Metadata of child objects: names, labels and the owner that removes them when it goes.</summary>
internal static class ObjectIdentity
{
    /// <summary>Metadata of an object of the whole deployment.</summary>
    public static V1ObjectMeta Of(ModelDeployment deployment, string name) => new()
    {
        Name = name,
        Namespace = deployment.Metadata.Namespace,
        Labels = Labels(deployment),
        OwnerReferences = [Owner(deployment)],
    };

    /// <summary>Metadata of an object of one group.</summary>
    public static V1ObjectMeta Of(ModelDeployment deployment, string name, int group, string? role = null)
    {
        var metadata = Of(deployment, name);
        metadata.Labels![GroupLabels.Group] = $"{group}";
        if (role is not null)
        {
            metadata.Labels[GroupLabels.Role] = role;
            metadata.Labels["app.kubernetes.io/component"] = role;
        }
        return metadata;
    }

    /// <summary>Labels that every child carries.</summary>
    public static Dictionary<string, string> Labels(ModelDeployment deployment) => new(StringComparer.Ordinal)
    {
        ["app.kubernetes.io/name"] = ModelSource.Engine(deployment.Spec) switch { EngineType.VLLM => "vllm", EngineType.SGLang => "sglang", _ => "llama-cpp" },
        ["app.kubernetes.io/instance"] = deployment.Metadata.Name ?? "",
        ["app.kubernetes.io/managed-by"] = GroupLabels.Manager,
        [GroupLabels.Deployment] = deployment.Metadata.Name ?? "",
    };

    /// <summary>Selects the Service of the API, and not the headless ones of the groups.</summary>
    public static Dictionary<string, string> ApiServiceSelector(ModelDeployment deployment) => new(StringComparer.Ordinal)
    {
        [GroupLabels.Deployment] = deployment.Metadata.Name ?? "",
        ["app.kubernetes.io/component"] = "api",
    };

    /// <summary>Selects pods of a deployment: of one role, and of one group, where given.</summary>
    public static Dictionary<string, string> Selector(ModelDeployment deployment, string? role = null, int? group = null, int? shape = null)
    {
        var selector = new Dictionary<string, string>(StringComparer.Ordinal) { [GroupLabels.Deployment] = deployment.Metadata.Name ?? "" };
        if (group is not null)
            selector[GroupLabels.Group] = $"{group}";
        if (role is not null)
            selector[GroupLabels.Role] = role;
        if (shape is not null)
            selector[GroupLabels.Shape] = $"{shape}";
        return selector;
    }

    public static V1OwnerReference Owner(ModelDeployment deployment) => new()
    {
        ApiVersion = "inference.gpustack.io/v1alpha1",
        Kind = "ModelDeployment",
        Name = deployment.Metadata.Name,
        Uid = deployment.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
