using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Namespaces;

/// <summary>
/// Gives every namespace its default ServiceAccount and the ConfigMap kube-root-ca.crt, and empties a namespace that is
/// being deleted; it goes when nothing is left in it.
/// </summary>
internal sealed class NamespaceController(ClusterStore store, string? certificateAuthority) : ControlLoop<string>(store)
{
    private const string RootCertificate = "kube-root-ca.crt";
    private readonly HashSet<ResourceKey> _known = [];
    private CancellationToken _stopping;

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.Namespaces];

    public Task RunUntilAsync(CancellationToken cancellationToken)
    {
        _stopping = cancellationToken;
        return RunAsync(cancellationToken);
    }

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.Namespaces)
            Enqueue(change.Object.Name);
        else if (change.Type == StoreEventType.Deleted && change.Object.Namespace is { } name)
            Enqueue(name);
    }

    protected override void Reconcile(string name)
    {
        if (Store.Get(BuiltInResources.Namespaces, null, name) is not { } found)
            return;
        if (found.IsBeingDeleted)
        {
            Empty(name);
            return;
        }
        Ensure(BuiltInResources.ServiceAccounts, name, "default", []);
        Ensure(BuiltInResources.ConfigMaps, name, RootCertificate, new JsonObject
        {
            ["data"] = new JsonObject { ["ca.crt"] = certificateAuthority ?? "" },
        });
    }

    private void Ensure(ResourceKey resource, string @namespace, string name, JsonObject body)
    {
        if (Store.Get(resource, @namespace, name) is not null)
            return;
        body["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace };
        Store.Create(resource, body);
    }

    private void Empty(string name)
    {
        var left = 0;
        foreach (var definition in Store.Definitions.Where(d => d.Namespaced))
        {
            if (_known.Add(definition.Key))
                Attach(definition.Key, _stopping);
            foreach (var item in Store.List(definition.Key, name).Items)
                left += item.IsBeingDeleted || !TryDelete(item) ? 1 : 0;
        }
        if (left > 0)
            return;
        Store.Modify(BuiltInResources.Namespaces, null, name, n =>
        {
            if (n["spec"] is JsonObject spec)
                spec["finalizers"] = new JsonArray();
        });
    }

    /// <summary>Whether the object is gone at once.</summary>
    private bool TryDelete(StoredObject item)
    {
        try
        {
            return Store.Delete(item.Definition.Key, item.Namespace, item.Name, new StoreDeleteOptions { Uid = item.Uid }).Gone;
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            return true;
        }
    }
}
