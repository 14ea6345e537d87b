using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Cluster.Quotas;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Deployments;

/// <summary>
/// Keeps the ReplicaSets of Deployments: one for each template that there was, of which the present one gets the replicas step by step
/// (<see cref="Rollout"/>). Old ones stay, empty, for <c>kubectl rollout undo</c>.
/// </summary>
internal sealed class DeploymentController : ControlLoop<ObjectKey>
{
    private readonly ClusterEvents _events;
    private readonly QuotedCreation _creation;

    public DeploymentController(ClusterStore store)
        : base(store)
    {
        _events = new ClusterEvents(store, "deployment-controller");
        _creation = new QuotedCreation(store, _events, EnqueueAfter);
    }

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.Deployments, BuiltInResources.ReplicaSets, BuiltInResources.Pods];

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.Deployments)
        {
            Enqueue(ObjectKey.Of(change.Object));
            if (change.Type == StoreEventType.Deleted)
                _creation.Forget(ObjectKey.Of(change.Object));
        }
        else if (change.Object.Definition.Key == BuiltInResources.ReplicaSets)
        {
            EnqueueOwner(change.Object);
        }
        else if (change.Type == StoreEventType.Deleted && OwnerReferences.Controller(change.Object) is var owner && owner.At("kind").Is("ReplicaSet")
            && Store.Get(BuiltInResources.ReplicaSets, change.Object.Namespace, owner.At("name").AsText() ?? "") is { } set)
        {
            // With Recreate the last old pod's end is what the new ones wait for.
            EnqueueOwner(set);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(BuiltInResources.Deployments, key.Namespace, key.Name) is not { IsBeingDeleted: false } deployment)
            return;
        var view = deployment.View(static stored => new DeploymentView(stored));
        var sets = Sets(view);
        var current = sets.Find(view.IsOf);
        if (current is null && !view.IsPaused)
            current = CreateSet(view, sets);
        var old = sets.Where(set => set.Name != current?.Name).ToList();
        if (current is not null)
        {
            KeepRevision(view, current, old);
            Scale(view, current, old);
            Forget(view, old);
        }
        WriteStatus(view);
    }

    private void EnqueueOwner(StoredObject set)
    {
        var owner = OwnerReferences.Controller(set);
        if (owner.At("kind").Is("Deployment"))
            Enqueue(new ObjectKey(set.Namespace, owner.At("name").AsText() ?? ""));
    }

    /// <summary>The Deployment's ReplicaSets by revision, oldest first.</summary>
    private List<StoredObject> Sets(DeploymentView view) =>
        [.. Store.List(BuiltInResources.ReplicaSets, view.Deployment.Namespace).Items
            .Where(set => !set.IsBeingDeleted && OwnerReferences.Controller(set).At("uid").Is(view.Deployment.Uid))
            .OrderBy(Revision).ThenBy(set => set.Name, StringComparer.Ordinal)];

    /// <returns>Null when a quota has no room for it.</returns>
    private StoredObject? CreateSet(DeploymentView view, List<StoredObject> sets)
    {
        var total = sets.Sum(Wanted);
        var first = view.IsRecreate ? (total == 0 ? view.Replicas : 0) : Math.Clamp(view.Replicas + view.MaxSurge - total, 0, view.Replicas);
        var body = view.NewSet(first, sets.Select(Revision).DefaultIfEmpty(0).Max() + 1);
        if (_creation.Create(view.Deployment, BuiltInResources.ReplicaSets, body, why => $"Failed to create new replica set \"{view.SetName}\": {why}", out _) is not { } set)
            return null;
        _creation.Forget(ObjectKey.Of(view.Deployment));
        if (first > 0)
            Announce(view, set, first, up: true);
        return set;
    }

    /// <summary>The present template's ReplicaSet has the highest revision, also after a return to an old template.</summary>
    private void KeepRevision(DeploymentView view, StoredObject current, List<StoredObject> old)
    {
        var before = old.Select(Revision).DefaultIfEmpty(0).Max();
        var revision = Math.Max(Revision(current), before + (Revision(current) > before ? 0 : 1));
        if (Revision(current) != revision)
            Annotate(BuiltInResources.ReplicaSets, current, revision);
        if (Revision(view.Deployment) != revision)
            Annotate(BuiltInResources.Deployments, view.Deployment, revision);
    }

    private void Annotate(ResourceKey resource, StoredObject stored, long revision) => Store.Modify(resource, stored.Namespace, stored.Name, body =>
    {
        if (body["metadata"]!["annotations"] is not JsonObject annotations)
            body["metadata"]!["annotations"] = annotations = [];
        annotations[DeploymentView.RevisionAnnotation] = revision.ToString();
    });

    private void Scale(DeploymentView view, StoredObject current, List<StoredObject> old)
    {
        if (view.IsPaused && old.Exists(set => Wanted(set) > 0))
            return;
        if (view.IsRecreate)
        {
            foreach (var set in old)
                SetReplicas(view, set, 0);
            if (old.TrueForAll(set => Actual(set) == 0) && !HasPods(view, old))
                SetReplicas(view, current, view.Replicas);
            return;
        }

        var (replicas, others) = Rollout.Roll(view.Replicas, view.MaxSurge, view.MaxUnavailable, Count(current), [.. old.Select(Count)]);
        SetReplicas(view, current, replicas);
        for (var i = 0; i < old.Count; i++)
            SetReplicas(view, old[i], others[i]);
    }

    private bool HasPods(DeploymentView view, List<StoredObject> sets) => Store.List(BuiltInResources.Pods, view.Deployment.Namespace).Items
        .Any(pod => !PodState.IsFinished(pod) && OwnerReferences.Controller(pod).At("uid").AsText() is { } owner && sets.Exists(set => set.Uid == owner));

    private void SetReplicas(DeploymentView view, StoredObject set, int replicas)
    {
        if (Wanted(set) == replicas)
            return;
        var up = replicas > Wanted(set);
        Store.Modify(BuiltInResources.ReplicaSets, set.Namespace, set.Name, body => body["spec"]!["replicas"] = (long)replicas);
        Announce(view, set, replicas, up);
    }

    private void Announce(DeploymentView view, StoredObject set, int replicas, bool up) => _events.Normal(
        view.Deployment, "ScalingReplicaSet", $"Scaled {(up ? "up" : "down")} replica set {set.Name} to {replicas}");

    private void Forget(DeploymentView view, List<StoredObject> old)
    {
        var empty = old.Where(set => Wanted(set) == 0 && Actual(set) == 0).ToList();
        foreach (var set in empty.Take(Math.Max(0, empty.Count - view.History)))
            Store.Delete(BuiltInResources.ReplicaSets, set.Namespace, set.Name);
    }

    private void WriteStatus(DeploymentView view)
    {
        var sets = Sets(view);
        var current = sets.Find(view.IsOf);
        var counts = new RolloutCounts(
            view.Replicas,
            sets.Sum(Actual),
            current is null ? 0 : Actual(current),
            sets.Sum(set => Status(set, "readyReplicas")),
            sets.Sum(set => Status(set, "availableReplicas")),
            view.MaxUnavailable);
        // Of several failures one is told, that of the present template before the others.
        var failure = sets.OrderBy(set => set.Name == current?.Name ? 0 : 1).Select(Failure).FirstOrDefault(condition => condition is not null);
        DateTimeOffset? due = null;
        Store.ModifyStatus(BuiltInResources.Deployments, view.Deployment.Namespace, view.Deployment.Name, body =>
            due = DeploymentStatus.Write(body, view.Deployment.Metadata["generation"].AsLong() ?? 0, counts, current?.Name, failure, view.ProgressDeadline, Now));
        if (due is { } time)
            EnqueueAfter(ObjectKey.Of(view.Deployment), time - Now);
    }

    private static JsonObject? Failure(StoredObject set) => (set.Body["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>()
        .FirstOrDefault(condition => condition["type"].AsText() == ReplicaSetController.FailureCondition);

    private static ReplicaCount Count(StoredObject set) => new(Wanted(set), Status(set, "availableReplicas"));

    private static int Wanted(StoredObject set) => (int)(set.Content.At("spec", "replicas").AsLong() ?? 1);

    private static int Actual(StoredObject set) => Status(set, "replicas");

    private static int Status(StoredObject set, string field) => (int)(set.Content.At("status", field).AsLong() ?? 0);

    private static long Revision(StoredObject stored) =>
        long.TryParse(stored.Content.At("metadata", "annotations", DeploymentView.RevisionAnnotation).AsText(), out var revision) ? revision : 0;
}
