using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// What the operator keeps of nodes, pods and volumes: a cluster has thousands of them. The projections say which fields are read at all;
/// the rest depends on the object.
/// </summary>
internal static class CacheTrim
{
    public static JsonProjection PodFields { get; } = JsonProjection.Everything
        .Without<V1ObjectMeta>("generateName", "finalizers")
        .Keep<V1PodSpec>("nodeName", "hostNetwork", "overhead", "resources", "initContainers", "containers", "volumes")
        .Keep<V1Container>("resources", "restartPolicy", "ports")
        .Keep<V1ContainerPort>("hostPort", "containerPort", "protocol")
        // Whoever has a claim mounted may tie it to one node.
        .Keep<V1Volume>("name", "persistentVolumeClaim")
        .Keep<V1PodStatus>("phase", "reason", "message", "conditions", "initContainerStatuses", "containerStatuses", "podIP")
        .Keep<V1ContainerStatus>("name", "state", "lastState", "ready", "restartCount", "started")
        .Without<V1ContainerStateTerminated>("containerID");

    public static JsonProjection NodeFields { get; } = JsonProjection.Everything
        .Keep<V1NodeStatus>("allocatable", "conditions")
        .Without<V1NodeCondition>("lastHeartbeatTime", "message");

    public static JsonProjection VolumeFields { get; } = JsonProjection.Everything
        .Without<V1ObjectMeta>("annotations")
        .Keep<V1PersistentVolumeSpec>("accessModes", "capacity", "claimRef", "nodeAffinity", "storageClassName", "volumeMode")
        .Keep<V1ObjectReference>("namespace", "name");

    /// <summary>
    /// Of a child that the operator makes only whose it is and what was last applied; a StatefulSet's replicas may be changed by others.
    /// </summary>
    public static JsonProjection ChildFields { get; } = JsonProjection.Everything
        .Keep<V1Service>("apiVersion", "kind", "metadata")
        .Keep<V1NetworkPolicy>("apiVersion", "kind", "metadata")
        .Keep<V1PodDisruptionBudget>("apiVersion", "kind", "metadata")
        .Keep<V1ServiceMonitor>("apiVersion", "kind", "metadata")
        .Keep<V1StatefulSet>("apiVersion", "kind", "metadata", "spec")
        .Keep<V1StatefulSetSpec>("replicas");

    /// <summary>Of pods of others, how they are is of no interest; of all, only the volumes that are claims and the ports that are their node's.</summary>
    public static void Pod(V1Pod pod)
    {
        foreach (var container in (pod.Spec?.Containers ?? []).Concat(pod.Spec?.InitContainers ?? []))
            container.Ports = container.Ports is { } ports && ports.Exists(port => IsOfHost(pod, port)) ? ports.FindAll(port => IsOfHost(pod, port)) : null;
        if (pod.Spec is { Volumes: { } volumes } spec)
            spec.Volumes = volumes.FindAll(volume => volume.PersistentVolumeClaim is not null) is { Count: > 0 } claims ? claims : null;
        if (pod.Metadata.Labels?.ContainsKey(GroupLabels.Deployment) is true)
            return;
        pod.Metadata.Labels = null;
        pod.Metadata.Annotations = null;
        pod.Metadata.OwnerReferences = null;
        if (pod.Status is { } status)
            pod.Status = new V1PodStatus { Phase = status.Phase };
    }

    private static bool IsOfHost(V1Pod pod, V1ContainerPort port) => port.HostPort is > 0 || pod.Spec?.HostNetwork is true;

    /// <summary>Of a node's conditions only Ready.</summary>
    public static void Node(V1Node node)
    {
        if (node.Status is { Conditions: { } conditions } status)
            status.Conditions = conditions.FindAll(one => one.Type is "Ready");
    }
}
