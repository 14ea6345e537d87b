using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;

namespace GpuStack.Operator.Controllers;

/// <summary>Takes out of nodes, pods and volumes what the operator never reads: a cluster has thousands of them.</summary>
internal static class CacheTrim
{
    public static void Pod(V1Pod pod)
    {
        var ours = pod.Metadata.Labels?.ContainsKey(GroupLabels.Deployment) is true;
        if (!ours)
        {
            pod.Metadata.Labels = null;
            pod.Metadata.Annotations = null;
            pod.Metadata.OwnerReferences = null;
        }
        pod.Metadata.Finalizers = null;
        if (pod.Spec is { } spec)
        {
            pod.Spec = new V1PodSpec
            {
                NodeName = spec.NodeName,
                Overhead = spec.Overhead,
                Resources = spec.Resources,
                InitContainers = spec.InitContainers?.ConvertAll(Container),
                Containers = spec.Containers?.ConvertAll(Container),
                // Whoever has a claim mounted may tie it to one node.
                Volumes = spec.Volumes?.FindAll(volume => volume.PersistentVolumeClaim is not null) is { Count: > 0 } claims ? claims : null,
            };
        }
        if (pod.Status is { } status)
        {
            pod.Status = new V1PodStatus
            {
                Phase = status.Phase,
                Reason = ours ? status.Reason : null,
                Message = ours ? status.Message : null,
                Conditions = ours ? status.Conditions : null,
                InitContainerStatuses = ours ? status.InitContainerStatuses : null,
                ContainerStatuses = ours ? status.ContainerStatuses : null,
            };
        }
    }

    public static void Node(V1Node node)
    {
        if (node.Status is not { } status)
            return;
        node.Status = new V1NodeStatus { Allocatable = status.Allocatable, Conditions = status.Conditions?.FindAll(one => one.Type is "Ready") };
    }

    private static V1Container Container(V1Container container) => new()
    {
        Resources = container.Resources,
        RestartPolicy = container.RestartPolicy,
    };

    /// <summary>Of volumes only what ties them to nodes and claims.</summary>
    public static void Volume(V1PersistentVolume volume)
    {
        volume.Metadata.Annotations = null;
        volume.Spec = volume.Spec is not { } spec ? null : new V1PersistentVolumeSpec
        {
            AccessModes = spec.AccessModes,
            Capacity = spec.Capacity,
            ClaimRef = spec.ClaimRef is { } claim ? new V1ObjectReference { Namespace = claim.Namespace, Name = claim.Name } : null,
            NodeAffinity = spec.NodeAffinity,
            StorageClassName = spec.StorageClassName,
            VolumeMode = spec.VolumeMode,
        };
    }
}
