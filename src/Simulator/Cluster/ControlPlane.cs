using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Garbage;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Cluster.Namespaces;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Cluster.Scheduling;
using GpuStack.Simulator.Cluster.StatefulSets;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster;

/// <summary>
/// The controllers, the scheduler and the kubelets of a simulated cluster, all driven by the store's events and its
/// <see cref="ClusterStore.Time"/>.
/// </summary>
public sealed class ControlPlane
{
    private readonly ClusterStore _store;
    private readonly NodePower _power = new();
    private readonly NodeLifecycle _nodes;
    private readonly KubeletPool _kubelets;
    private readonly GarbageCollector _garbage;
    private readonly NamespaceController _namespaces;
    private readonly ISimulatedController[] _others;

    /// <summary>Makes a control plane over a store; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="store">The cluster's state.</param>
    /// <param name="behaviour">How long things take; null for no time at all.</param>
    /// <param name="certificateAuthority">PEM for the ConfigMap kube-root-ca.crt, where the server has TLS.</param>
    public ControlPlane(ClusterStore store, KubeletBehaviour? behaviour = null, string? certificateAuthority = null)
    {
        behaviour ??= new KubeletBehaviour();
        _store = store;
        _nodes = new NodeLifecycle(store, behaviour, _power);
        _kubelets = new KubeletPool(store, behaviour, _power);
        _garbage = new GarbageCollector(store);
        _namespaces = new NamespaceController(store, certificateAuthority);
        _others = [_nodes, new StatefulSetController(store), new Scheduler(store), .. behaviour.Present ? [_kubelets] : Array.Empty<ISimulatedController>()];
    }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _others.Select(c => Task.Run(() => c.RunAsync(cancellationToken), CancellationToken.None))
            .Append(Task.Run(() => _garbage.RunUntilAsync(cancellationToken), CancellationToken.None))
            .Append(Task.Run(() => _namespaces.RunUntilAsync(cancellationToken), CancellationToken.None)));

    /// <summary>Cuts a node's power: its kubelet says nothing any more.</summary>
    public void TakeNodeDown(string node)
    {
        _power.TakeDown(node, _store.Time.GetUtcNow());
        _nodes.PowerChanged(node);
    }

    /// <summary>Brings a node back; what it was told meanwhile is done now.</summary>
    public void BringNodeUp(string node)
    {
        _power.BringUp(node);
        _nodes.PowerChanged(node);
    }

    /// <summary>Cordons a node and deletes its pods, as <c>kubectl drain --force</c> does.</summary>
    public void Drain(string node)
    {
        _store.Modify(BuiltInResources.Nodes, null, node, n =>
        {
            if (n["spec"] is not JsonObject spec)
                n["spec"] = spec = [];
            spec["unschedulable"] = true;
        });
        foreach (var pod in _store.List(BuiltInResources.Pods).Items.Where(p => PodState.Node(p) == node && !p.IsBeingDeleted))
        {
            try
            {
                _store.Delete(BuiltInResources.Pods, pod.Namespace, pod.Name, new StoreDeleteOptions { Uid = pod.Uid });
            }
            catch (StoreException e) when (e.Failure is StoreFailure.NotFound or StoreFailure.Precondition)
            {
                // Gone already.
            }
        }
    }

    /// <summary>Makes a pod's containers crash once, or the pod fail for good.</summary>
    public void FailPod(string @namespace, string name, bool forGood = false, string message = "The simulated container failed.") =>
        _kubelets.Fail(new ObjectKey(@namespace, name), forGood, message);
}
