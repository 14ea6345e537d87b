using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.Storage;

using Amounts = System.Collections.Generic.Dictionary<string, GpuStack.Kubernetes.Models.Quantity>;

namespace GpuStack.Simulator.Cluster.Quotas;

/// <summary>The quotas of a namespace and what is taken of them, counted anew from what the store holds.</summary>
internal static class NamespaceQuotas
{
    /// <summary>What a quota grants.</summary>
    public static Amounts Granted(StoredObject quota)
    {
        var granted = new Amounts(StringComparer.Ordinal);
        foreach (var (name, value) in quota.Body["spec"]?["hard"] as JsonObject ?? [])
        {
            if (Quantity.TryParse(value.AsText() ?? value?.ToJsonString(), out var amount))
                granted[name] = amount;
        }

        return granted;
    }

    /// <summary>What is taken of what a quota grants; names that nothing takes are there with 0.</summary>
    public static Amounts Taken(ClusterStore store, string namespaceName, IReadOnlyCollection<string> granted)
    {
        var taken = granted.ToDictionary(name => name, _ => new Quantity(0), StringComparer.Ordinal);
        foreach (var resource in granted.SelectMany(name => QuotaUsage.Counted(name, store.Definitions)).Distinct())
        {
            foreach (var stored in store.List(resource, namespaceName).Items.Where(QuotaUsage.Counts))
            {
                foreach (var (name, amount) in QuotaUsage.Of(resource, stored.Body))
                {
                    if (taken.TryGetValue(name, out var sum))
                        taken[name] = sum + amount;
                }
            }
        }

        return taken;
    }

    /// <summary>Why an object exceeds a quota, in the words of a real server; null when there is room for it.</summary>
    public static string? Refusal(ClusterStore store, StoredObject quota, ResourceKey resource, JsonObject body)
    {
        var granted = Granted(quota);
        if (resource == BuiltInResources.Pods && QuotaUsage.Unsaid(body["spec"] as JsonObject ?? [], granted.Keys) is { } unsaid)
            return $"failed quota: {quota.Name}: {unsaid}";
        var requested = QuotaUsage.Of(resource, body).Where(one => granted.ContainsKey(one.Key)).ToDictionary(StringComparer.Ordinal);
        if (requested.Count == 0)
            return null;
        var taken = Taken(store, quota.Namespace!, requested.Keys);
        var exceeded = requested.Where(one => taken[one.Key] + one.Value > granted[one.Key]).Select(one => one.Key).Order(StringComparer.Ordinal).ToList();
        return exceeded.Count == 0
            ? null
            : $"exceeded quota: {quota.Name}, requested: {Text(requested, exceeded)}, used: {Text(taken, exceeded)}, limited: {Text(granted, exceeded)}";
    }

    private static string Text(Amounts amounts, IEnumerable<string> names) => string.Join(',', names.Select(name => $"{name}={amounts[name]}"));
}
