using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Quotas;

/// <summary>
/// Creates objects where the quotas of their namespace have room. Counting and creating are one step for all who create through it, the API
/// server and the controllers; without quotas it costs one look.
/// </summary>
internal static class QuotaGate
{
    /// <exception cref="StoreException">A quota is exceeded, or what <see cref="ClusterStore.Create"/> refuses.</exception>
    public static StoredObject Create(ClusterStore store, ResourceKey resource, JsonObject body)
    {
        if (!IsLimited(store, body))
            return store.Create(resource, body);
        lock (store.Quotas)
        {
            CheckLocked(store, resource, body);
            return store.Create(resource, body);
        }
    }

    /// <summary>Only looks whether there is room.</summary>
    /// <exception cref="StoreException">A quota is exceeded.</exception>
    public static void Check(ClusterStore store, ResourceKey resource, JsonObject body)
    {
        if (!IsLimited(store, body))
            return;
        lock (store.Quotas)
            CheckLocked(store, resource, body);
    }

    private static bool IsLimited(ClusterStore store, JsonObject body) =>
        body["metadata"]?["namespace"].AsText() is { } namespaceName && store.Holds(BuiltInResources.ResourceQuotas, namespaceName);

    private static void CheckLocked(ClusterStore store, ResourceKey resource, JsonObject body)
    {
        var name = body["metadata"]?["name"].AsText() ?? "";
        var namespaceName = body["metadata"]?["namespace"].AsText();
        // Who exists already is told so, whatever room there is.
        if (store.Get(resource, namespaceName, name) is not null)
            return;
        foreach (var quota in store.List(BuiltInResources.ResourceQuotas, namespaceName).Items)
        {
            if (NamespaceQuotas.Refusal(store, quota, resource, body) is { } refusal)
                throw new StoreException(StoreFailure.QuotaExceeded, resource, name, $"{resource} \"{name}\" is forbidden: {refusal}");
        }
    }
}
