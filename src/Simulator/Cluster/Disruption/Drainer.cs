using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Disruption;

/// <summary>
/// Drains nodes as <c>kubectl drain --force --ignore-daemonsets</c> does: cordons, evicts every pod, and asks again after 5 s where a budget
/// refuses, until the node is empty.
/// </summary>
internal sealed class Drainer(ClusterStore store) : ControlLoop<string>(store)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _draining = new(StringComparer.Ordinal);

    protected override IEnumerable<ResourceKey> Watched => [];

    public void Drain(string node)
    {
        Cordon(Store, node, isCordoned: true);
        Post(() =>
        {
            _draining.Add(node);
            Enqueue(node);
        });
    }

    /// <summary>Opens the node again, and gives up draining it.</summary>
    public void Uncordon(string node)
    {
        Post(() => _draining.Remove(node));
        Cordon(Store, node, isCordoned: false);
    }

    public static void Cordon(ClusterStore store, string node, bool isCordoned) => store.Modify(BuiltInResources.Nodes, null, node, n =>
    {
        if (n["spec"] is not JsonObject spec)
            n["spec"] = spec = [];
        if (isCordoned)
            spec["unschedulable"] = true;
        else
            spec.Remove("unschedulable");
    });

    protected override void Observe(StoreEvent change)
    {
    }

    protected override void Reconcile(string key)
    {
        if (!_draining.Contains(key))
            return;
        var refused = false;
        foreach (var pod in Pods(Store, key).Where(p => !p.IsBeingDeleted))
        {
            try
            {
                refused |= Eviction.Evict(Store, pod.Namespace, pod.Name) is not null;
            }
            catch (StoreException e) when (e.Failure is StoreFailure.NotFound or StoreFailure.Precondition)
            {
                // Gone already.
            }
        }
        if (refused)
            EnqueueAfter(key, RetryAfter);
        else
            _draining.Remove(key);
    }

    /// <summary>The pods that a drained node must not have.</summary>
    public static IEnumerable<StoredObject> Pods(ClusterStore store, string node) =>
        store.List(BuiltInResources.Pods).Items.Where(p => PodState.Node(p) == node && !PodState.IsFinished(p)
            && !OwnerReferences.Controller(p).At("kind").Is("DaemonSet"));
}
