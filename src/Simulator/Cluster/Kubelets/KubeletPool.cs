using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Cluster.Kubelets.Containers;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>
/// The kubelets of all nodes: each pod bound to one is a <see cref="PodRun"/> that <see cref="PodLife"/> takes on whenever something of it is
/// due or changes, and whose status is reported when it differs. The end of a pod that is deleted is confirmed by deleting it with grace
/// period 0. On a node without power nothing happens; a silent one goes on and reports nothing.
/// </summary>
internal sealed class KubeletPool(ClusterStore store, KubeletBehaviour behaviour, NodePower power) : ControlLoop<ObjectKey>(store)
{
    private readonly Dictionary<ObjectKey, PodRun> _runs = [];
    private readonly Dictionary<string, HashSet<ObjectKey>> _podsByNode = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, HashSet<ObjectKey>> _observers = [];
    private readonly Dictionary<ObjectKey, EngineFault> _faults = [];
    private readonly ImageStore _images = new(behaviour);
    private readonly ClusterEvents _events = new(store, "kubelet");
    private readonly List<PodEvent> _told = [];
    private PodLife? _life;
    private uint _addresses;

    /// <summary>What the pods' supervisors answer.</summary>
    public EngineDirectory Engines { get; } = new();

    public ImageStore Images => _images;

    /// <summary>Told of every engine's start.</summary>
    public Action<string, string>? EngineStarted { get; set; }

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.Nodes, BuiltInResources.Pods];

    private PodLife Life => _life ??= new PodLife(behaviour, _images);

    /// <summary>Changes what runs of a pod; nothing happens when its kubelet does not run it.</summary>
    public void Change(ObjectKey key, Action<PodRun, PodLife, DateTimeOffset> change) => Post(() =>
    {
        if (!_runs.TryGetValue(key, out var run))
            return;
        var before = run.Engine;
        change(run, Life, Now);
        run.IsDirty = true;
        Publish(run, before);
        Enqueue(key);
    });

    /// <summary>What befalls a pod's engine whenever it has loaded its weights; null for nothing any more.</summary>
    public void SetFault(ObjectKey key, EngineFault? fault) => Post(() =>
    {
        if (fault is null)
            _faults.Remove(key);
        else
            _faults[key] = fault;
        Enqueue(key);
    });

    /// <summary>The node has lost its power, or has come back.</summary>
    public void NodeChanged(string node, bool isRebooted) => Post(() =>
    {
        foreach (var key in _podsByNode.GetValueOrDefault(node) ?? [])
        {
            if (_runs.TryGetValue(key, out var run))
            {
                if (isRebooted)
                    Life.Reboot(run, Now);
                Publish(run, run.Engine);
            }
            WakeObservers(key);
            Enqueue(key);
        }
    });

    protected override void Observe(StoreEvent change)
    {
        var key = ObjectKey.Of(change.Object);
        if (change.Object.Definition.Key == BuiltInResources.Nodes)
        {
            if (PodState.ConditionStatus(change.Object, "Ready") == "True"
                && (change.Previous is null || PodState.ConditionStatus(change.Previous, "Ready") != "True"))
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
                Forget(run);
            return;
        }
        pods.Add(key);
        Enqueue(key);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(BuiltInResources.Pods, key.Namespace, key.Name) is not { } pod || PodState.Node(pod) is not { } node
            || power.IsOff(node) || Store.Get(BuiltInResources.Nodes, null, node) is not { } machine)
        {
            return;
        }
        var run = RunOf(key, pod, node);
        if (pod.IsBeingDeleted && !power.IsDown(node))
        {
            End(run, pod);
            return;
        }
        if (PodState.IsFinished(pod))
            return;
        var before = run.Engine;
        _told.Clear();
        Life.Advance(run, name => Peer(key, name), _faults.GetValueOrDefault(key), Now, behaviour.RecordEvents ? _told : null);
        Publish(run, before);
        if (PodLife.Due(run, Now) is { } due)
            EnqueueAfter(key, due - Now);
        if (!power.IsDown(node))
            Report(run, pod, machine);
    }

    private void Report(PodRun run, StoredObject pod, StoredObject machine)
    {
        if (!run.IsDirty && run.Reported == pod.ResourceVersion)
            return;
        var hostIp = NodeObjects.InternalIp(machine);
        var written = Store.ModifyStatus(BuiltInResources.Pods, run.Key.Namespace, run.Key.Name, p =>
        {
            if (p["metadata"]!["uid"].AsText() == run.Uid)
                PodStatusWriter.Write(p, run, hostIp, Now);
        });
        run.Reported = written?.ResourceVersion ?? 0;
        run.IsDirty = Array.Exists(run.Containers, c => c.IsRunning && c.ReadyAt > Now);
        foreach (var told in _told)
        {
            if (told.IsWarning)
                _events.Warning(pod, told.Reason, told.Message);
            else
                _events.Normal(pod, told.Reason, told.Message);
        }
        _told.Clear();
    }

    private PodRun RunOf(ObjectKey key, StoredObject pod, string node)
    {
        if (_runs.TryGetValue(key, out var known))
        {
            if (known.Uid == pod.Uid)
                return known;
            Forget(known);
        }
        var spec = pod.Body["spec"] as System.Text.Json.Nodes.JsonObject ?? [];
        var run = new PodRun(ContainerSpec.Of(spec))
        {
            Key = key,
            Uid = pod.Uid,
            Node = node,
            Bound = Now,
            PodIp = NextAddress(),
            RestartPolicy = spec["restartPolicy"].AsText() ?? "Always",
        };
        foreach (var peer in run.EngineSpec?.Peers ?? [])
        {
            var peerKey = new ObjectKey(key.Namespace, peer);
            if (!_observers.TryGetValue(peerKey, out var observers))
                _observers[peerKey] = observers = [];
            observers.Add(key);
        }
        return _runs[key] = run;
    }

    private void Forget(PodRun run)
    {
        _runs.Remove(run.Key);
        Engines.Remove(run.Key);
        foreach (var peer in run.EngineSpec?.Peers ?? [])
        {
            var peerKey = new ObjectKey(run.Key.Namespace, peer);
            if (_observers.TryGetValue(peerKey, out var observers) && observers.Remove(run.Key) && observers.Count == 0)
                _observers.Remove(peerKey);
        }
        WakeObservers(run.Key);
    }

    /// <summary>What the supervisor of a pod of the same namespace answers; null when it does not.</summary>
    private PeerView? Peer(ObjectKey asker, string name) =>
        _runs.TryGetValue(new ObjectKey(asker.Namespace, name), out var run) && run.Engine is { } engine && !power.IsOff(run.Node) ? PeerView.Of(engine) : null;

    private void Publish(PodRun run, EngineState? before)
    {
        if (run.EngineSpec is not { } spec)
            return;
        if (run.Engine is { StartTime: { } start } && start != before?.StartTime)
            EngineStarted?.Invoke(run.Key.Namespace ?? "", run.Key.Name);
        if (run.Engine is { } engine)
            Engines.Set(run.Key, new EngineEntry(spec, engine, run.Node));
        else
            Engines.Remove(run.Key);
        if (!(run.Engine?.LooksLike(before) ?? before is null))
            WakeObservers(run.Key);
    }

    private void WakeObservers(ObjectKey key)
    {
        foreach (var observer in _observers.GetValueOrDefault(key) ?? [])
            Enqueue(observer);
    }

    private string NextAddress()
    {
        var number = ++_addresses;
        return $"10.{128 + (number >> 16 & 0x7f)}.{number >> 8 & 0xff}.{number & 0xff}";
    }

    private void End(PodRun run, StoredObject pod)
    {
        if (run.EndsAt is null)
        {
            var grace = TimeSpan.FromSeconds(pod.Metadata["deletionGracePeriodSeconds"].AsLong() ?? 0);
            run.EndsAt = Now + (behaviour.TerminationTime < grace ? behaviour.TerminationTime : grace);
            if (run.Engine is { } before)
            {
                run.Engine = EngineLife.Ended(before, new EngineExit(0, null, "the supervisor was stopped"), Now) with { Phase = EnginePhase.Stopping, Until = null };
                Publish(run, before);
            }
            foreach (var container in behaviour.RecordEvents ? run.Specs.Where((s, i) => run.Containers[i].IsRunning) : [])
                _events.Normal(pod, "Killing", $"Stopping container {container.Name}");
            run.IsDirty = true;
        }
        if (Now < run.EndsAt)
        {
            EnqueueAfter(run.Key, run.EndsAt.Value - Now);
            if (Store.Get(BuiltInResources.Nodes, null, run.Node) is { } machine)
                Report(run, pod, machine);
        }
        else
        {
            Store.Delete(BuiltInResources.Pods, run.Key.Namespace, run.Key.Name, new StoreDeleteOptions { Uid = pod.Uid, GracePeriodSeconds = 0 });
        }
    }
}
