using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Cluster.Quotas;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.StatefulSets;

/// <summary>
/// Keeps the pods of StatefulSets: creates what is missing (in order and one after the other unless Parallel), removes
/// what is too much or has failed, replaces old revisions one by one (RollingUpdate) or not at all (OnDelete). A pod that
/// is being deleted is never replaced before it is gone, also when its node is lost.
/// </summary>
internal sealed class StatefulSetController : ControlLoop<ObjectKey>
{
    private readonly Dictionary<ObjectKey, Dictionary<string, StoredObject>> _podsBySet = [];
    private readonly ClusterEvents _events;
    private readonly QuotedCreation _creation;

    public StatefulSetController(ClusterStore store)
        : base(store)
    {
        _events = new ClusterEvents(store, "statefulset-controller");
        _creation = new QuotedCreation(store, _events, EnqueueAfter);
    }

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.StatefulSets, BuiltInResources.Pods];

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.StatefulSets)
        {
            Enqueue(ObjectKey.Of(change.Object));
            if (change.Type == StoreEventType.Deleted)
                _creation.Forget(ObjectKey.Of(change.Object));
            return;
        }
        if (OwnerReferences.Controller(change.Object) is var owner && !owner.At("kind").Is("StatefulSet"))
            return;
        var set = new ObjectKey(change.Object.Namespace, owner.At("name").AsText() ?? "");
        if (!_podsBySet.TryGetValue(set, out var pods))
            _podsBySet[set] = pods = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        if (change.Type == StoreEventType.Deleted)
            pods.Remove(change.Object.Name);
        else
            pods[change.Object.Name] = change.Object;
        if (pods.Count == 0)
            _podsBySet.Remove(set);
        Enqueue(set);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(BuiltInResources.StatefulSets, key.Namespace, key.Name) is not { IsBeingDeleted: false } set)
            return;
        var view = set.View(static stored => new StatefulSetView(stored));
        KeepRevision(view);
        var pods = Pods(view);
        Scale(view, pods);
        if (!view.IsOnDelete)
            Roll(view, pods);
        WriteStatus(view, pods);
    }

    private SortedDictionary<int, StoredObject> Pods(StatefulSetView view)
    {
        var pods = new SortedDictionary<int, StoredObject>();
        foreach (var pod in _podsBySet.GetValueOrDefault(ObjectKey.Of(view.Set))?.Values ?? Enumerable.Empty<StoredObject>())
        {
            var isOurs = OwnerReferences.Controller(pod).At("uid").Is(view.Set.Uid);
            if (isOurs && StatefulSetView.Ordinal(view.Set.Name, pod.Name) is { } ordinal)
                pods[ordinal] = pod;
        }
        return pods;
    }

    private void Scale(StatefulSetView view, SortedDictionary<int, StoredObject> pods)
    {
        for (var ordinal = view.First; ordinal < view.First + view.Replicas; ordinal++)
        {
            if (pods.TryGetValue(ordinal, out var pod))
            {
                if (!pod.IsBeingDeleted && PodState.IsFinished(pod))
                    Delete(view, pod);
                else if (!view.IsParallel && !PodState.IsReady(pod))
                    return;
                continue;
            }
            if (!CreatePod(view, ordinal, pods) || !view.IsParallel)
                return;
        }
        foreach (var (_, pod) in pods.Where(p => p.Key < view.First || p.Key >= view.First + view.Replicas).OrderByDescending(p => p.Key))
        {
            if (!pod.IsBeingDeleted)
                Delete(view, pod);
            if (!view.IsParallel)
                return;
        }
    }

    private bool CreatePod(StatefulSetView view, int ordinal, SortedDictionary<int, StoredObject> pods)
    {
        foreach (var claim in StatefulSetPods.Claims(view, ordinal))
        {
            if (!CreateClaim(view, ordinal, claim))
                return false;
        }
        var current = view.Set.Content.At("status", "currentRevision").AsText();
        var revision = !view.IsOnDelete && ordinal < view.Partition && current is not null ? current : view.Revision;
        try
        {
            var pod = StatefulSetPods.Create(view, ordinal, revision);
            if (_creation.Create(view.Set, BuiltInResources.Pods, pod, why => $"create Pod {view.PodName(ordinal)} in StatefulSet {view.Set.Name} failed error: {why}", out _) is not { } created)
                return false;
            pods[ordinal] = created;
        }
        catch (StoreException e) when (e.Failure == StoreFailure.AlreadyExists)
        {
            Adopt(view, view.PodName(ordinal));
            return false;
        }
        _creation.Forget(ObjectKey.Of(view.Set));
        _events.Normal(view.Set, "SuccessfulCreate", $"create Pod {view.PodName(ordinal)} in StatefulSet {view.Set.Name} successful");
        return true;
    }

    private bool CreateClaim(StatefulSetView view, int ordinal, JsonObject claim)
    {
        var name = claim["metadata"]!["name"].AsText()!;
        return Store.Get(BuiltInResources.PersistentVolumeClaims, view.Set.Namespace, name) is not null || _creation.Create(
            view.Set,
            BuiltInResources.PersistentVolumeClaims,
            claim,
            why => $"create Claim {name} for Pod {view.PodName(ordinal)} in StatefulSet {view.Set.Name} failed error: {why}",
            out _) is not null;
    }

    /// <summary>Takes over a pod that an orphaning deletion released; one of somebody else stays in the way.</summary>
    private void Adopt(StatefulSetView view, string podName)
    {
        if (Store.Get(BuiltInResources.Pods, view.Set.Namespace, podName) is not { IsBeingDeleted: false } pod
            || OwnerReferences.Controller(pod).ValueKind != JsonValueKind.Undefined || !LabelSelectors.Matches(view.Spec["selector"], pod.Labels))
        {
            return;
        }
        Store.Modify(BuiltInResources.Pods, pod.Namespace, pod.Name, p =>
        {
            if (p["metadata"]!["ownerReferences"] is not JsonArray owners)
                p["metadata"]!["ownerReferences"] = owners = [];
            owners.Add((JsonNode)OwnerReferences.To(view.Set));
        });
    }

    private void Delete(StatefulSetView view, StoredObject pod)
    {
        Store.Delete(BuiltInResources.Pods, pod.Namespace, pod.Name, new StoreDeleteOptions { Uid = pod.Uid });
        _events.Normal(view.Set, "SuccessfulDelete", $"delete Pod {pod.Name} in StatefulSet {view.Set.Name} successful");
    }

    private void Roll(StatefulSetView view, SortedDictionary<int, StoredObject> pods)
    {
        foreach (var (ordinal, pod) in pods.Reverse())
        {
            if (ordinal < view.Partition || ordinal >= view.First + view.Replicas)
                continue;
            if (pod.Labels.GetValueOrDefault(StatefulSetPods.RevisionLabel) != view.Revision)
            {
                if (!pod.IsBeingDeleted)
                    Delete(view, pod);
                return;
            }
            if (!PodState.IsReady(pod))
                return;
        }
    }

    private void KeepRevision(StatefulSetView view)
    {
        if (Store.Get(BuiltInResources.ControllerRevisions, view.Set.Namespace, view.Revision) is not null)
            return;
        var labels = view.Spec["selector"]?["matchLabels"]?.DeepClone() as JsonObject ?? [];
        labels["controller.kubernetes.io/hash"] = view.Revision[(view.Set.Name.Length + 1)..];
        var template = (JsonObject)view.Template.DeepClone();
        template["$patch"] = "replace";
        Store.Create(BuiltInResources.ControllerRevisions, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = view.Revision,
                ["namespace"] = view.Set.Namespace,
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(OwnerReferences.To(view.Set)),
            },
            ["data"] = new JsonObject { ["spec"] = new JsonObject { ["template"] = template } },
            ["revision"] = 1L,
        });
    }

    private void WriteStatus(StatefulSetView view, SortedDictionary<int, StoredObject> pods)
    {
        var alive = pods.Values.Where(p => !p.IsBeingDeleted).ToArray();
        var ready = alive.Count(PodState.IsReady);
        var updated = alive.Count(p => p.Labels.GetValueOrDefault(StatefulSetPods.RevisionLabel) == view.Revision);
        var current = view.Set.Content.At("status", "currentRevision").AsText() ?? view.Revision;
        if (!view.IsOnDelete && updated == alive.Length && ready == view.Replicas && alive.Length == view.Replicas)
            current = view.Revision;
        Store.ModifyStatus(BuiltInResources.StatefulSets, view.Set.Namespace, view.Set.Name, set =>
        {
            var status = new JsonObject
            {
                ["observedGeneration"] = view.Set.Metadata["generation"].AsLong(),
                ["replicas"] = (long)pods.Count,
            };
            if (ready > 0)
                status["readyReplicas"] = (long)ready;
            if (alive.Count(p => p.Labels.GetValueOrDefault(StatefulSetPods.RevisionLabel) == current) is > 0 and var atCurrent)
                status["currentReplicas"] = (long)atCurrent;
            if (updated > 0)
                status["updatedReplicas"] = (long)updated;
            status["currentRevision"] = current;
            status["updateRevision"] = view.Revision;
            status["collisionCount"] = 0L;
            status["availableReplicas"] = (long)ready;
            set["status"] = status;
        });
    }
}
