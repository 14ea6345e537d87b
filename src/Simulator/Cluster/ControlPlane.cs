using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Deployments;
using GpuStack.Simulator.Cluster.Disruption;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Cluster.Garbage;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Cluster.Namespaces;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Cluster.Quotas;
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
    private readonly Drainer _drainer;
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
        _drainer = new Drainer(store);
        Pods = new SimulatedPods(store, _kubelets);
        _others =
        [
            _nodes, _drainer, new StatefulSetController(store), new DeploymentController(store), new ReplicaSetController(store), new Scheduler(store),
            new BudgetController(store), new QuotaController(store),
            .. behaviour.Present ? [_kubelets] : Array.Empty<ISimulatedController>(),
        ];
    }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _others.Select(c => Task.Run(() => c.RunAsync(cancellationToken), CancellationToken.None))
            .Append(Task.Run(() => _garbage.RunUntilAsync(cancellationToken), CancellationToken.None))
            .Append(Task.Run(() => _namespaces.RunUntilAsync(cancellationToken), CancellationToken.None)));

    /// <summary>What happens to the pods and what runs in them.</summary>
    public SimulatedPods Pods { get; }

    internal EngineDirectory Engines => _kubelets.Engines;

    internal NodePower Power => _power;

    /// <summary>Makes a node fail: its kubelet says nothing any more.</summary>
    public void TakeNodeDown(string node, NodeFailure failure = NodeFailure.PowerLost)
    {
        _power.TakeDown(node, failure, _store.Time.GetUtcNow());
        _nodes.PowerChanged(node);
        _kubelets.NodeChanged(node, isRebooted: false);
    }

    /// <summary>Brings a node back; what it was told meanwhile is done now.</summary>
    public void BringNodeUp(string node)
    {
        var isRebooted = _power.BringUp(node);
        _nodes.PowerChanged(node);
        _kubelets.NodeChanged(node, isRebooted);
    }

    /// <summary>Keeps new pods away from a node, or lets them come again.</summary>
    public void Cordon(string node, bool isCordoned = true)
    {
        if (isCordoned)
            Drainer.Cordon(_store, node, isCordoned: true);
        else
            _drainer.Uncordon(node);
    }

    /// <summary>Cordons a node and evicts its pods, as <c>kubectl drain --force</c> does; it goes on by itself where budgets refuse.</summary>
    public void Drain(string node) => _drainer.Drain(node);

    /// <summary>Makes a pod's containers crash once, or the pod fail for good.</summary>
    public void FailPod(string @namespace, string name, bool forGood = false, string message = "The simulated container failed.")
    {
        if (forGood)
            Pods.Fail(@namespace, name, "Error", message);
        else
            Pods.CrashContainers(@namespace, name, 1, message);
    }
}
