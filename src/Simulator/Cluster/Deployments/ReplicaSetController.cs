using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Cluster.Quotas;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Deployments;

/// <summary>
/// Keeps as many pods as a ReplicaSet asks for. Pods that have finished or are being deleted do not count. Why one could not be made stands in
/// the condition ReplicaFailure.
/// </summary>
internal sealed class ReplicaSetController : ControlLoop<ObjectKey>
{
    /// <summary>Also of the Deployment, which takes it over.</summary>
    public const string FailureCondition = "ReplicaFailure";

    /// <summary>Five digits of the alphabet, as the suffixes of generated names.</summary>
    private const uint Suffixes = 100_000;

    private readonly ClusterEvents _events;
    private readonly QuotedCreation _creation;

    public ReplicaSetController(ClusterStore store)
        : base(store)
    {
        _events = new ClusterEvents(store, "replicaset-controller");
        _creation = new QuotedCreation(store, _events, EnqueueAfter);
    }

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.ReplicaSets, BuiltInResources.Pods];

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.ReplicaSets)
        {
            Enqueue(ObjectKey.Of(change.Object));
            if (change.Type == StoreEventType.Deleted)
                _creation.Forget(ObjectKey.Of(change.Object));
        }
        else if (OwnerReferences.Controller(change.Object) is var owner && owner.At("kind").Is("ReplicaSet"))
        {
            Enqueue(new ObjectKey(change.Object.Namespace, owner.At("name").AsText() ?? ""));
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(BuiltInResources.ReplicaSets, key.Namespace, key.Name) is not { IsBeingDeleted: false } set)
            return;
        // Read from the store, not from events: names are new each time, so a pod that is not seen yet would be made twice.
        var pods = Pods(set);
        var wanted = (int)(set.Content.At("spec", "replicas").AsLong() ?? 1);
        string? refusal = null;
        // As a real controller, which begins with one: what refuses the first refuses the others.
        for (var i = pods.Count; i < wanted && refusal is null; i++)
            refusal = Create(set);
        foreach (var pod in pods.OrderBy(PodState.IsReady).ThenByDescending(pod => pod.ResourceVersion).Take(Math.Max(0, pods.Count - wanted)))
        {
            Store.Delete(BuiltInResources.Pods, pod.Namespace, pod.Name, new StoreDeleteOptions { Uid = pod.Uid });
            _events.Normal(set, "SuccessfulDelete", $"Deleted pod: {pod.Name}");
        }

        WriteStatus(set, Pods(set), refusal);
    }

    private List<StoredObject> Pods(StoredObject set) =>
        [.. Store.List(BuiltInResources.Pods, set.Namespace).Items
            .Where(pod => !pod.IsBeingDeleted && !PodState.IsFinished(pod) && OwnerReferences.Controller(pod).At("uid").Is(set.Uid))];

    /// <returns>What refuses it; null when it is made.</returns>
    private string? Create(StoredObject set)
    {
        var name = $"{set.Name}-{TemplateHash.Encode(Suffixes + (uint)((ulong)StableHash.Of($"{set.Uid}/{Store.ResourceVersion}") % Suffixes))[1..]}";
        var pod = OwnedPod.New(set, set.Body["spec"]?["template"], name);
        if (_creation.Create(set, BuiltInResources.Pods, pod, why => $"Error creating: {why}", out var refusal) is null)
            return refusal;
        _creation.Forget(ObjectKey.Of(set));
        _events.Normal(set, "SuccessfulCreate", $"Created pod: {name}");
        return null;
    }

    private void WriteStatus(StoredObject set, List<StoredObject> pods, string? refusal)
    {
        var ready = pods.Count(PodState.IsReady);
        Store.ModifyStatus(BuiltInResources.ReplicaSets, set.Namespace, set.Name, body =>
        {
            var status = new JsonObject
            {
                ["observedGeneration"] = set.Metadata["generation"].AsLong(),
                ["replicas"] = (long)pods.Count,
                ["fullyLabeledReplicas"] = (long)pods.Count,
            };
            if (ready > 0)
            {
                status["readyReplicas"] = (long)ready;
                status["availableReplicas"] = (long)ready;
            }

            if (refusal is not null)
                status["conditions"] = new JsonArray(Failure(body["status"], refusal));
            body["status"] = status;
        });
    }

    /// <summary>A failure that is known stays as it was first told, so that a new attempt is no change.</summary>
    private JsonNode Failure(JsonNode? before, string refusal) =>
        (before?["conditions"] as JsonArray ?? []).FirstOrDefault(condition => condition?["type"].AsText() == FailureCondition)?.DeepClone() ?? new JsonObject
        {
            ["type"] = FailureCondition,
            ["status"] = "True",
            ["lastTransitionTime"] = Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["reason"] = "FailedCreate",
            ["message"] = refusal,
        };
}
