using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// Tells the fleet of changed nodes, pods and ResourceSlices. A node's facts come from two informers, each with a thread of its own; what
/// is told is read of both caches under one lock, so that the last word is never the older one.
/// </summary>
internal sealed class FleetFollower(ClusterView cluster, FleetSource fleet)
{
    private readonly Lock _gate = new();

    /// <summary>Call before controllers add their handlers: the fleet must hear of a change before a controller asks for it.</summary>
    public void Start()
    {
        cluster.Nodes.AddHandler(change => Node(change.Object.Metadata.Name ?? ""));
        cluster.Slices.Follow(Node);
        cluster.AllPods.AddHandler(Pod);
    }

    private void Node(string name)
    {
        lock (_gate)
        {
            if (cluster.Node(name) is { } node)
                fleet.SetNode(node, cluster.Slices.GpusOf(name));
            else
                fleet.RemoveNode(name);
        }
    }

    private void Pod(InformerEvent<V1Pod> change)
    {
        if (change.Type == InformerEventType.Deleted)
            fleet.RemovePod(change.Object);
        else
            fleet.SetPod(change.Object);
    }
}
