using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Disruption;

/// <summary>
/// Evicts a pod as the API server does: a pod that does not run, or is being deleted, always; one that is not Ready where its budget allows
/// it; any other when its budget's status allows a disruption, which is counted down there until the budget's controller counts anew.
/// </summary>
internal static class Eviction
{
    /// <returns>Null when the pod was evicted (or would be, in a dry run).</returns>
    /// <exception cref="StoreException">No such pod, or a precondition does not hold.</exception>
    public static EvictionRefusal? Evict(ClusterStore store, string? @namespace, string name, StoreDeleteOptions? options = null, bool dryRun = false)
    {
        var pod = store.Get(BuiltInResources.Pods, @namespace, name) ?? throw new StoreException(
            StoreFailure.NotFound, BuiltInResources.Pods, name, $"pods \"{name}\" not found");
        var phase = pod.Body["status"]?["phase"].AsText();
        if (phase is not ("Pending" or "Succeeded" or "Failed") && !pod.IsBeingDeleted && Ask(store, pod, dryRun) is { } refusal)
            return refusal;
        if (dryRun)
            return null;
        if (!pod.IsBeingDeleted)
        {
            store.Modify(BuiltInResources.Pods, @namespace, name, p => PodConditions.Set(
                p, "DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting", ObjectRules.Timestamp(store.Time.GetUtcNow())));
        }
        store.Delete(BuiltInResources.Pods, @namespace, name, options ?? new StoreDeleteOptions { Uid = pod.Uid });
        return null;
    }

    private static EvictionRefusal? Ask(ClusterStore store, StoredObject pod, bool dryRun)
    {
        var budgets = store.List(BuiltInResources.PodDisruptionBudgets, pod.Namespace).Items
            .Where(b => LabelSelectors.Matches(b.Body["spec"]?["selector"], pod.Labels)).ToArray();
        if (budgets.Length == 0)
            return null;
        if (budgets.Length > 1)
            return new EvictionRefusal(500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", null, null);
        var status = budgets[0].Body["status"];
        var healthy = status?["currentHealthy"].AsLong() ?? 0;
        var desired = status?["desiredHealthy"].AsLong() ?? 0;
        if (!PodState.IsReady(pod) && (budgets[0].Body["spec"]?["unhealthyPodEvictionPolicy"].AsText() == "AlwaysAllow" || (healthy >= desired && desired > 0)))
            return null;
        EvictionRefusal? refusal = null;
        store.Modify(BuiltInResources.PodDisruptionBudgets, budgets[0].Namespace, budgets[0].Name, b =>
        {
            refusal = Refuse(b);
            if (refusal is null && !dryRun)
                Take(b, pod.Name, ObjectRules.Timestamp(store.Time.GetUtcNow()));
        });
        return refusal;
    }

    private static EvictionRefusal? Refuse(JsonObject budget)
    {
        const string Message = "Cannot evict pod as it would violate the pod's disruption budget.";
        var name = budget["metadata"]!["name"].AsText();
        var status = budget["status"];
        if ((status?["observedGeneration"].AsLong() ?? 0) < (budget["metadata"]!["generation"].AsLong() ?? 0))
            return new EvictionRefusal(429, Message, $"The disruption budget {name} is still being processed by the server.", 10);
        if (status?["disruptionsAllowed"].AsLong() > 0)
            return null;
        return new EvictionRefusal(
            429, Message, $"The disruption budget {name} needs {status?["desiredHealthy"].AsLong() ?? 0} healthy pods and has {status?["currentHealthy"].AsLong() ?? 0} currently", null);
    }

    private static void Take(JsonObject budget, string pod, string now)
    {
        var status = (JsonObject)budget["status"]!;
        var left = status["disruptionsAllowed"].AsLong()!.Value - 1;
        status["disruptionsAllowed"] = left;
        if (status["disruptedPods"] is not JsonObject disrupted)
            status["disruptedPods"] = disrupted = [];
        disrupted[pod] = now;
        if (left == 0)
            BudgetStatus.SetCondition(status, isAllowed: false, budget["metadata"]!["generation"].AsLong() ?? 1, now);
    }
}
