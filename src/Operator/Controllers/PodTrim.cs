using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;

namespace GpuStack.Operator.Controllers;

/// <summary>Takes out of nodes and pods what the operator never reads: a cluster has thousands of them.</summary>
internal static class PodTrim
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
                Volumes = ours ? spec.Volumes?.FindAll(volume => volume.PersistentVolumeClaim is not null) : null,
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
}
