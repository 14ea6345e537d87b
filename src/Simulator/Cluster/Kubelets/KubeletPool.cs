using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>
/// The kubelets of all nodes that are up: containers start after the pull time, become ready after the start time, and
/// end when the pod is deleted, which is confirmed by deleting it with grace period 0. A node that is down does nothing.
/// </summary>
internal sealed class KubeletPool(ClusterStore store, KubeletBehaviour behaviour, NodePower power) : ControlLoop<ObjectKey>(store)
{
    private readonly Dictionary<ObjectKey, PodRun> _runs = [];
    private readonly Dictionary<string, HashSet<ObjectKey>> _podsByNode = new(StringComparer.Ordinal);
    private readonly ClusterEvents _events = new(store, "kubelet");
    private uint _addresses;

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.Nodes, BuiltInResources.Pods];

    /// <summary>Makes the containers of a pod fail, once (they are started again) or the whole pod for good.</summary>
    public void Fail(ObjectKey key, bool forGood, string message) => Post(() =>
    {
        if (!_runs.TryGetValue(key, out var run))
            return;
        run.CrashedAt = Now;
        run.StartsAt = Now + behaviour.RestartTime;
        run.ReadyAt = run.StartsAt + behaviour.StartTime;
        run.Restarts += forGood ? 0 : 1;
        run.Failure = forGood ? message : null;
        Enqueue(key);
    });

    protected override void Observe(StoreEvent change)
    {
        var key = ObjectKey.Of(change.Object);
        if (change.Object.Definition.Key == BuiltInResources.Nodes)
        {
            if (PodState.ConditionStatus(change.Object.Body, "Ready") == "True")
            {
                foreach (var pod in _podsByNode.GetValueOrDefault(change.Object.Name) ?? [])
                    Enqueue(pod);
            }
            return;
        }
        if (PodState.Node(change.Object) is not { } node)
            return;
        if (!_podsByNode.TryGetValue(node, out var pods))
            _podsByNode[node] = pods = [];
        if (change.Type == StoreEventType.Deleted)
        {
            pods.Remove(key);
            if (_runs.TryGetValue(key, out var run) && run.Uid == change.Object.Uid)
                _runs.Remove(key);
            return;
        }
        pods.Add(key);
        Enqueue(key);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(BuiltInResources.Pods, key.Namespace, key.Name) is not { } pod || PodState.Node(pod) is not { } node
            || power.IsDown(node) || Store.Get(BuiltInResources.Nodes, null, node) is not { } machine)
        {
            return;
        }
        if (pod.IsBeingDeleted)
        {
            End(key, pod);
            return;
        }
        if (PodState.IsFinished(pod))
            return;
        var run = RunOf(key, pod);
        var hostIp = NodeObjects.InternalIp(machine);
        Store.Modify(BuiltInResources.Pods, key.Namespace, key.Name, p =>
        {
            if (p["metadata"]!["uid"].AsText() == run.Uid)
                PodStatusWriter.Write(p, run, hostIp, Now);
        });
        if (Now < run.StartsAt)
            EnqueueAfter(key, run.StartsAt - Now);
        else if (Now < run.ReadyAt)
            EnqueueAfter(key, run.ReadyAt - Now);
        Announce(pod, run);
    }

    private PodRun RunOf(ObjectKey key, StoredObject pod)
    {
        if (_runs.TryGetValue(key, out var known) && known.Uid == pod.Uid)
            return known;
        var starts = Now + behaviour.PullTime;
        return _runs[key] = new PodRun
        {
            Uid = pod.Uid,
            Bound = Now,
            PodIp = NextAddress(),
            StartsAt = starts,
            ReadyAt = starts + behaviour.StartTime,
        };
    }

    private string NextAddress()
    {
        var number = ++_addresses;
        return $"10.{128 + (number >> 16 & 0x7f)}.{number >> 8 & 0xff}.{number & 0xff}";
    }

    private void End(ObjectKey key, StoredObject pod)
    {
        var run = RunOf(key, pod);
        if (run.EndsAt is null)
        {
            var grace = TimeSpan.FromSeconds(pod.Metadata["deletionGracePeriodSeconds"].AsLong() ?? 0);
            run.EndsAt = Now + (behaviour.TerminationTime < grace ? behaviour.TerminationTime : grace);
            if (behaviour.RecordEvents)
                _events.Normal(pod, "Killing", "Stopping containers");
        }
        if (Now < run.EndsAt)
            EnqueueAfter(key, run.EndsAt.Value - Now);
        else
            Store.Delete(BuiltInResources.Pods, key.Namespace, key.Name, new StoreDeleteOptions { Uid = pod.Uid, GracePeriodSeconds = 0 });
    }

    private void Announce(StoredObject pod, PodRun run)
    {
        if (run.Announced || Now < run.StartsAt || !behaviour.RecordEvents)
            return;
        run.Announced = true;
        _events.Normal(pod, "Pulled", "Simulated images are present on the machine");
        _events.Normal(pod, "Started", "Containers started");
    }
}
