using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Cluster.StatefulSets;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Deployments;

/// <summary>Keeps as many pods as a ReplicaSet asks for. Pods that have finished or are being deleted do not count.</summary>
internal sealed class ReplicaSetController(ClusterStore store) : ControlLoop<ObjectKey>(store)
{
    /// <summary>Five digits of the alphabet, as the suffixes of generated names.</summary>
    private const uint Suffixes = 100_000;

    private readonly ClusterEvents _events = new(store, "replicaset-controller");

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.ReplicaSets, BuiltInResources.Pods];

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.ReplicaSets)
            Enqueue(ObjectKey.Of(change.Object));
        else if (OwnerReferences.Controller(change.Object) is var owner && owner.At("kind").Is("ReplicaSet"))
            Enqueue(new ObjectKey(change.Object.Namespace, owner.At("name").AsText() ?? ""));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(BuiltInResources.ReplicaSets, key.Namespace, key.Name) is not { IsBeingDeleted: false } set)
            return;
        // Read from the store, not from events: names are new each time, so a pod that is not seen yet would be made twice.
        var pods = Pods(set);
        var wanted = (int)(set.Content.At("spec", "replicas").AsLong() ?? 1);
        for (var i = pods.Count; i < wanted; i++)
            Create(set);
        foreach (var pod in pods.OrderBy(PodState.IsReady).ThenByDescending(pod => pod.ResourceVersion).Take(Math.Max(0, pods.Count - wanted)))
        {
            Store.Delete(BuiltInResources.Pods, pod.Namespace, pod.Name, new StoreDeleteOptions { Uid = pod.Uid });
            _events.Normal(set, "SuccessfulDelete", $"Deleted pod: {pod.Name}");
        }

        WriteStatus(set, Pods(set));
    }

    private List<StoredObject> Pods(StoredObject set) =>
        [.. Store.List(BuiltInResources.Pods, set.Namespace).Items
            .Where(pod => !pod.IsBeingDeleted && !PodState.IsFinished(pod) && OwnerReferences.Controller(pod).At("uid").Is(set.Uid))];

    private void Create(StoredObject set)
    {
        var template = set.Body["spec"]?["template"];
        var name = $"{set.Name}-{TemplateHash.Encode(Suffixes + (uint)((ulong)StableHash.Of($"{set.Uid}/{Store.ResourceVersion}") % Suffixes))[1..]}";
        var metadata = template?["metadata"]?.DeepClone() as JsonObject ?? [];
        metadata["name"] = name;
        metadata["generateName"] = $"{set.Name}-";
        metadata["namespace"] = set.Namespace;
        metadata["ownerReferences"] = new JsonArray(OwnerReferences.To(set));
        var spec = template?["spec"]?.DeepClone() as JsonObject ?? [];
        PodDefaults.Apply(spec);
        Store.Create(BuiltInResources.Pods, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = spec,
            ["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQuality.ClassOf(spec) },
        });
        _events.Normal(set, "SuccessfulCreate", $"Created pod: {name}");
    }

    private void WriteStatus(StoredObject set, List<StoredObject> pods)
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

            body["status"] = status;
        });
    }
}
