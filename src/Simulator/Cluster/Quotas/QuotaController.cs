using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Quotas;

/// <summary>Keeps the status of ResourceQuotas. What no quota counts is not watched.</summary>
internal sealed class QuotaController(ClusterStore store) : ControlLoop<ObjectKey>(store)
{
    private readonly HashSet<ResourceKey> _watched = [];

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.ResourceQuotas];

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.ResourceQuotas && change.Type != StoreEventType.Deleted)
            Enqueue(ObjectKey.Of(change.Object));
        if (change.Type == StoreEventType.Modified && QuotaUsage.Counts(change.Object))
            return;
        foreach (var quota in Store.List(BuiltInResources.ResourceQuotas, change.Object.Namespace).Items)
            Enqueue(ObjectKey.Of(quota));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(BuiltInResources.ResourceQuotas, key.Namespace, key.Name) is not { } quota)
            return;
        var granted = NamespaceQuotas.Granted(quota);
        foreach (var resource in granted.Keys.SelectMany(name => QuotaUsage.Counted(name, Store.Definitions)))
        {
            // The watch ends with the controller, which disposes of it.
            if (_watched.Add(resource) && resource != BuiltInResources.ResourceQuotas)
                Attach(resource, CancellationToken.None);
        }

        var taken = NamespaceQuotas.Taken(Store, quota.Namespace!, granted.Keys);
        Store.ModifyStatus(BuiltInResources.ResourceQuotas, key.Namespace, key.Name, body => body["status"] = new JsonObject
        {
            ["hard"] = ToJson(granted),
            ["used"] = ToJson(taken),
        });
    }

    private static JsonObject ToJson(Dictionary<string, Quantity> amounts)
    {
        var json = new JsonObject();
        foreach (var (name, amount) in amounts.OrderBy(one => one.Key, StringComparer.Ordinal))
            json[name] = amount.ToString();
        return json;
    }
}
