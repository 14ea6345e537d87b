using System.Collections.Concurrent;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Planning;

/// <summary>
/// The fleet as the planner sees it, kept from the changes of nodes and pods. Pods that a plan of the ledger represents are left out, for
/// the plan itself is counted. Changes come from the informers' threads; <see cref="Current"/> is called under the desk's gate.
/// </summary>
internal sealed class FleetSource(ProductTable products)
{
    private readonly ConcurrentDictionary<string, TrackedNode> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Namespace, string Name), TrackedPod> _pods = new();
    private Fleet? _built;
    private long _changes;
    private long _builtAt = -1;
    private long _freed;

    /// <summary>Called, from any thread, when something may have become free; must be quick.</summary>
    public Action? Freed { get; set; }

    /// <summary>Grows whenever something may have become free: a node came or changed, a pod ended, a plan was given up.</summary>
    public long FreedVersion => Interlocked.Read(ref _freed);

    /// <summary>A node came or changed; true when the planner could tell.</summary>
    public bool SetNode(V1Node node)
    {
        var facts = FleetFacts.From(node);
        if (_nodes.TryGetValue(facts.Name, out var present) && SameFacts(present.Facts, facts))
            return false;
        _nodes[facts.Name] = new TrackedNode(facts, FleetBuilder.Build([facts], [], products).Nodes is [{ Devices.IsEmpty: false }]);
        RaiseFreed();
        return true;
    }

    /// <summary>A node went.</summary>
    public void RemoveNode(string name)
    {
        if (_nodes.TryRemove(name, out _))
            Changed();
    }

    /// <summary>A pod came or changed; true when it gave something free.</summary>
    public bool SetPod(V1Pod pod)
    {
        if (FleetFacts.From(pod) is not { } facts)
            return RemovePod(pod);
        var key = (facts.Namespace, facts.Name);
        if (_pods.TryGetValue(key, out var present) && present.Facts.Node == facts.Node && present.Uid == pod.Metadata.Uid)
            return false;
        _pods[key] = new TrackedPod(facts, pod.Metadata.Uid, Owner(pod), pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.PlanHash) ?? "");
        Changed();
        return false;
    }

    /// <summary>A pod went or ended; true when it held something.</summary>
    public bool RemovePod(V1Pod pod)
    {
        if (!_pods.TryRemove((pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? ""), out _))
            return false;
        RaiseFreed();
        return true;
    }

    /// <summary>Plans were given up or replaced: pods that they represented count by themselves from now on.</summary>
    public void Invalidate() => RaiseFreed();

    /// <summary>GPU nodes, and those of them that are Ready.</summary>
    public (int All, int Ready) GpuNodes()
    {
        var gpuNodes = _nodes.Values.Where(node => node.HasGpus).ToList();
        return (gpuNodes.Count, gpuNodes.Count(node => node.Facts.Ready));
    }

    /// <summary>The fleet without pods that plans represent, and without all pods of the groups <paramref name="except"/>.</summary>
    public Fleet Current(PlanLedger ledger, ExceptedGroups? except)
    {
        if (except is not null)
            return Build(ledger, except);
        var changes = Interlocked.Read(ref _changes);
        if (_built is null || _builtAt != changes)
        {
            _built = Build(ledger, except);
            _builtAt = changes;
        }
        return _built;
    }

    private Fleet Build(PlanLedger ledger, ExceptedGroups? except) => FleetBuilder.Build(
        _nodes.Values.Select(node => node.Facts),
        _pods.Values.Where(pod => pod.Owner is null || (except?.Covers(pod.Owner) is not true && !ledger.Represents(pod.Owner.Deployment, pod.Owner.Group, pod.PlanHash)))
            .Select(pod => pod.Facts),
        products);

    private static GroupKey? Owner(V1Pod pod) =>
        pod.Metadata.Labels is { } labels
        && labels.TryGetValue(GroupLabels.Deployment, out var deployment)
        && int.TryParse(labels.GetValueOrDefault(GroupLabels.Group), out var group)
            ? new GroupKey(new DeploymentKey(pod.Metadata.Namespace ?? "", deployment), group)
            : null;

    private static bool SameFacts(NodeFacts left, NodeFacts right) =>
        left.Ready == right.Ready && left.Unschedulable == right.Unschedulable
        && left.Taints.AsSpan().SequenceEqual(right.Taints.AsSpan())
        && SameEntries(left.Allocatable, right.Allocatable)
        && SameEntries(left.Labels, right.Labels)
        && SameEntries(left.Annotations, right.Annotations);

    private static bool SameEntries<T>(IReadOnlyDictionary<string, T> left, IReadOnlyDictionary<string, T> right) =>
        left.Count == right.Count
        && left.All(pair => right.TryGetValue(pair.Key, out var value) && EqualityComparer<T>.Default.Equals(pair.Value, value));

    private void Changed() => Interlocked.Increment(ref _changes);

    private void RaiseFreed()
    {
        Interlocked.Increment(ref _freed);
        Changed();
        Freed?.Invoke();
    }

    private sealed record TrackedNode(NodeFacts Facts, bool HasGpus);

    private sealed record TrackedPod(PodFacts Facts, string? Uid, GroupKey? Owner, string PlanHash);
}
