using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;

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

    /// <summary>
    /// Of pods of others, how they are is of no interest; of all, only what they take together, the volumes that are claims and the ports
    /// that are their node's.
    /// </summary>
    public static void Pod(V1Pod pod)
    {
        if (pod.Spec is { } spec)
        {
            spec.Containers = [AsOne(spec)];
            spec.InitContainers = null;
            spec.Overhead = null;
            spec.Resources = null;
            spec.Volumes = spec.Volumes?.FindAll(volume => volume.PersistentVolumeClaim is not null) is { Count: > 0 } claims ? claims : null;
        }
        if (pod.Status is { Conditions: { } conditions })
            pod.Status.Conditions = conditions.FindAll(one => one.Type is "Ready" or "PodScheduled");
        if (pod.Metadata.Labels?.ContainsKey(GroupLabels.Deployment) is true)
            return;
        pod.Metadata.Labels = null;
        pod.Metadata.Annotations = null;
        pod.Metadata.OwnerReferences = null;
        if (pod.Status is { } status)
            pod.Status = new V1PodStatus { Phase = status.Phase };
    }

    /// <summary>Of what the operator made itself, what it looks up: whose it is, of which plan, and what was applied last. Certificates are no plan.</summary>
    public static void Child(IKubernetesObject child)
    {
        child.Metadata.Labels = Only(child.Metadata.Labels, GroupLabels.Deployment, GroupLabels.PlanHash);
        child.Metadata.Annotations = Only(child.Metadata.Annotations, GroupLabels.AppliedHash);
        if (child is V1ConfigMap { Data: { } data } map && !data.ContainsKey(PlannedGroup.FileName))
            map.Data = null;
    }

    private static Dictionary<string, string>? Only(Dictionary<string, string>? map, params ReadOnlySpan<string> names)
    {
        if (map is null || map.Count <= 1)
            return map;
        var kept = new Dictionary<string, string>(names.Length, StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (map.TryGetValue(name, out var value))
                kept[name] = value;
        }
        return kept;
    }

    /// <summary>A container that takes of its node what all of a pod's containers take.</summary>
    private static V1Container AsOne(V1PodSpec spec)
    {
        var ports = PodRequests.Lasting(spec).SelectMany(container => container.Ports ?? []).Where(port => port.HostPort is > 0 || spec.HostNetwork is true).ToList();
        return new V1Container
        {
            Resources = new V1ResourceRequirements { Requests = new(PodRequests.Effective(spec), StringComparer.Ordinal) },
            Ports = ports.Count > 0 ? ports : null,
        };
    }

    /// <summary>Of a node's conditions only Ready.</summary>
    public static void Node(V1Node node)
    {
        if (node.Status is { Conditions: { } conditions } status)
            status.Conditions = conditions.FindAll(one => one.Type is "Ready");
    }
}
