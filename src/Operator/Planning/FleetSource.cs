using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Planning;

/// <summary>
/// The fleet as the planner sees it, kept from the changes of nodes, pods and plans; each change costs microseconds. A pod that follows its
/// group's plan is counted by the plan, every other pod by its own requests: so a GPU is promised once only, however long the pods take to
/// appear, and GPUs of a plan that was given up are free only when its pods are gone. Safe for concurrent use.
/// </summary>
internal sealed class FleetSource(ProductTable products)
{
    private readonly Lock _gate = new();
    private readonly FleetTracker _tracker = new(products);
    private readonly Dictionary<string, NodeFacts> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Namespace, string Name), TrackedPod> _pods = [];
    private readonly Dictionary<GroupKey, TrackedGroup> _groups = [];
    private int _gpuNodes;
    private int _readyGpuNodes;
    private long _freed;

    /// <summary>Called, from any thread, when something may have become free; must be quick.</summary>
    public Action? Freed { get; set; }

    /// <summary>Grows whenever something may have become free: a node came or changed, a pod ended, a plan was given up.</summary>
    public long FreedVersion => Interlocked.Read(ref _freed);

    /// <summary>The fleet without what pods and plans hold.</summary>
    public Fleet Current
    {
        get
        {
            lock (_gate)
                return _tracker.Fleet;
        }
    }

    /// <summary>A node came or changed, or what it offers by dynamic resource allocation; true when the planner could tell.</summary>
    public bool SetNode(V1Node node, int? draGpus = null)
    {
        var facts = FleetFacts.Node(node, draGpus);
        lock (_gate)
        {
            if (_nodes.TryGetValue(facts.Name, out var present) && SameFacts(present, facts))
                return false;
            Count(facts.Name, -1);
            _nodes[facts.Name] = facts;
            _tracker.SetNode(facts);
            Count(facts.Name, 1);
        }
        RaiseFreed();
        return true;
    }

    /// <summary>A node went.</summary>
    public void RemoveNode(string name)
    {
        lock (_gate)
        {
            Count(name, -1);
            _nodes.Remove(name);
            _tracker.RemoveNode(name);
        }
    }

    /// <summary>A pod came or changed; true when it gave something free.</summary>
    public bool SetPod(V1Pod pod)
    {
        if (FleetFacts.From(pod) is not { } facts)
            return RemovePod(pod);
        var key = (facts.Namespace, facts.Name);
        var tracked = new TrackedPod(facts, pod.Metadata.Uid, Owner(pod), PlanOf(pod));
        var freed = false;
        lock (_gate)
        {
            if (_pods.TryGetValue(key, out var present))
            {
                if (HoldsAlike(present, tracked))
                    return false;
                // Another pod of the name, whose end was not seen for itself, or one that was resized in place.
                freed = !IsRepresented(present);
                Forget(key, present);
            }
            _pods[key] = tracked;
            if (tracked.Owner is { } owner)
                GroupOf(owner).Pods.Add(tracked);
            if (!IsRepresented(tracked))
                _tracker.Take(facts);
        }
        if (freed)
            RaiseFreed();
        return freed;
    }

    /// <summary>A pod went or ended; true when it held something.</summary>
    public bool RemovePod(V1Pod pod)
    {
        var key = (pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "");
        lock (_gate)
        {
            if (!_pods.TryGetValue(key, out var present))
                return false;
            Forget(key, present);
        }
        RaiseFreed();
        return true;
    }

    /// <summary>A group has a plan from now on, or another one; null: it has none any more.</summary>
    public void Follow(GroupKey group, PlannedGroup? plan)
    {
        bool freed;
        lock (_gate)
        {
            var tracked = GroupOf(group);
            var before = tracked.Hash;
            foreach (var held in tracked.Holds)
                _tracker.Give(held);
            foreach (var pod in tracked.Pods.Where(pod => !IsRepresented(pod)))
                _tracker.Give(pod.Facts);
            tracked.Hash = plan?.Hash;
            tracked.Holds = plan is null ? [] : [.. plan.Plan.Uses().Select(use => Hold(group, use))];
            foreach (var held in tracked.Holds)
                _tracker.Take(held);
            foreach (var pod in tracked.Pods.Where(pod => !IsRepresented(pod)))
                _tracker.Take(pod.Facts);
            // A plan may take less than the pods that it now stands for.
            freed = before != tracked.Hash && (before is not null || tracked.Pods.Exists(IsRepresented));
            ForgetIfEmpty(group, tracked);
        }
        if (freed)
            RaiseFreed();
    }

    /// <summary>GPU nodes, and those of them that are Ready.</summary>
    public (int All, int Ready) GpuNodes()
    {
        lock (_gate)
            return (_gpuNodes, _readyGpuNodes);
    }

    /// <summary>The fleet as it would be without the plans and pods of some groups.</summary>
    public Fleet Without(IEnumerable<GroupKey> groups)
    {
        lock (_gate)
        {
            var present = groups.Select(group => _groups.GetValueOrDefault(group)).OfType<TrackedGroup>();
            return _tracker.Without(present.SelectMany(group => group.Holds.Concat(group.Pods.Where(pod => !IsRepresented(pod)).Select(pod => pod.Facts))));
        }
    }

    /// <summary>The group that a pod says it is of; null for strangers.</summary>
    public static GroupKey? Owner(V1Pod pod) =>
        pod.Metadata.Labels is { } labels
        && labels.TryGetValue(GroupLabels.Deployment, out var deployment)
        && int.TryParse(labels.GetValueOrDefault(GroupLabels.Group), out var group)
            ? new GroupKey(new DeploymentKey(pod.Metadata.Namespace ?? "", deployment), group)
            : null;

    private void Forget((string Namespace, string Name) key, TrackedPod pod)
    {
        _pods.Remove(key);
        if (!IsRepresented(pod))
            _tracker.Give(pod.Facts);
        if (pod.Owner is { } owner && _groups.TryGetValue(owner, out var group))
        {
            group.Pods.Remove(pod);
            ForgetIfEmpty(owner, group);
        }
    }

    private void ForgetIfEmpty(GroupKey key, TrackedGroup group)
    {
        if (group.Hash is null && group.Pods.Count == 0)
            _groups.Remove(key);
    }

    private TrackedGroup GroupOf(GroupKey key)
    {
        if (!_groups.TryGetValue(key, out var group))
            _groups[key] = group = new TrackedGroup();
        return group;
    }

    private bool IsRepresented(TrackedPod pod) =>
        pod.Owner is { } owner && _groups.TryGetValue(owner, out var group) && group.Hash == pod.PlanHash;

    private void Count(string name, int sign)
    {
        if (_tracker.Fleet.Find(name) is not { Devices.IsEmpty: false })
            return;
        _gpuNodes += sign;
        _readyGpuNodes += _nodes[name].Ready ? sign : 0;
    }

    /// <summary>What a plan takes of a node, as if a pod held it.</summary>
    private static PodFacts Hold(GroupKey group, AssumedUse use) => new()
    {
        Name = use.Node,
        Node = use.Node,
        Requests = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            [use.ResourceName] = use.Gpus,
            ["cpu"] = use.CpuMillis,
            ["memory"] = use.Memory.Value,
        },
        HostPorts = use.HostPorts is { } ports ? [.. ports.Select(port => new HostPort(port, $"group {group.Group} of {group.Deployment}"))] : [],
    };

    /// <summary>The plan that counts for the pod; empty for none. A dedicated Ray head stands where the scheduler chose, which no plan says.</summary>
    private static string PlanOf(V1Pod pod) =>
        pod.Metadata.Labels is { } labels && labels.GetValueOrDefault(GroupLabels.Role) != GroupLabels.HeadRole
            ? labels.GetValueOrDefault(GroupLabels.PlanHash) ?? ""
            : "";

    private static bool HoldsAlike(TrackedPod left, TrackedPod right) =>
        left.Uid == right.Uid && left.Owner == right.Owner && left.PlanHash == right.PlanHash
        && left.Facts.Node == right.Facts.Node && SameEntries(left.Facts.Requests, right.Facts.Requests)
        && left.Facts.HostPorts.AsSpan().SequenceEqual(right.Facts.HostPorts.AsSpan());

    private static bool SameFacts(NodeFacts left, NodeFacts right) =>
        left.Ready == right.Ready && left.Unschedulable == right.Unschedulable && left.DraGpus == right.DraGpus
        && left.Taints.AsSpan().SequenceEqual(right.Taints.AsSpan())
        && SameEntries(left.Allocatable, right.Allocatable)
        && SameEntries(left.Labels, right.Labels)
        && SameEntries(left.Annotations, right.Annotations);

    private static bool SameEntries<T>(IReadOnlyDictionary<string, T> left, IReadOnlyDictionary<string, T> right) =>
        left.Count == right.Count
        && left.All(pair => right.TryGetValue(pair.Key, out var value) && EqualityComparer<T>.Default.Equals(pair.Value, value));

    private void RaiseFreed()
    {
        Interlocked.Increment(ref _freed);
        Freed?.Invoke();
    }

    private sealed record TrackedPod(PodFacts Facts, string? Uid, GroupKey? Owner, string PlanHash);

    /// <summary>A group's plan in force and its pods, whatever plan they follow.</summary>
    private sealed class TrackedGroup
    {
        public string? Hash { get; set; }

        public IReadOnlyList<PodFacts> Holds { get; set; } = [];

        public List<TrackedPod> Pods { get; } = [];
    }
}
