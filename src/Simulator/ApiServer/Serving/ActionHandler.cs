using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.BuiltIn;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Selectors;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>Subresources that are actions: binding and eviction of pods, finalizing of namespaces.</summary>
internal sealed class ActionHandler(ClusterStore store)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadObjectAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        switch (request.Subresource)
        {
            case "eviction":
                Evict(request, body);
                break;
            case "binding":
                Bind(request, body);
                break;
            default:
                await FinalizeAsync(request, body).ConfigureAwait(false);
                return;
        }

        await Answer.WriteAsync(request.Http, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["code"] = 201,
        }, 201).ConfigureAwait(false);
    }

    private Task FinalizeAsync(ApiRequest request, JsonObject body)
    {
        var written = store.Modify(BuiltInResources.Namespaces, null, request.Name!, live =>
            live["spec"] = body["spec"]?.DeepClone() ?? new JsonObject())
            ?? throw ApiException.NotFound(BuiltInResources.Namespaces, request.Name!);
        return Answer.WriteAsync(request.Http, written.Utf8);
    }

    private void Bind(ApiRequest request, JsonObject body)
    {
        var node = body["target"]?["name"].AsText();
        if (string.IsNullOrEmpty(node))
            throw ApiException.Invalid(new ResourceKey("", "Binding"), request.Name!, [FieldProblem.Required("target.name")]);
        var now = ObjectRules.Timestamp(store.Time.GetUtcNow());
        var bound = store.Modify(BuiltInResources.Pods, request.Namespace, request.Name!, pod =>
        {
            if (pod["spec"]!["nodeName"].AsText() is { Length: > 0 } already)
                throw ApiException.Conflict(new ResourceKey("", "pods/binding"), request.Name!, $"pod {request.Name} is already assigned to node \"{already}\"");
            pod["spec"]!["nodeName"] = node;
            var status = pod.Child("status");
            if (status["conditions"] is not JsonArray conditions)
                status["conditions"] = conditions = [];
            foreach (var old in conditions.OfType<JsonObject>().Where(condition => condition["type"].AsText() == "PodScheduled").ToList())
                conditions.Remove(old);
            conditions.Add(new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = now });
        });
        if (bound is null)
            throw ApiException.NotFound(BuiltInResources.Pods, request.Name!);
    }

    /// <summary>Deletes a pod unless a budget forbids it. What is not Ready counts as already disrupted where the budget says so.</summary>
    private void Evict(ApiRequest request, JsonObject body)
    {
        var pod = store.Get(BuiltInResources.Pods, request.Namespace, request.Name!) ?? throw ApiException.NotFound(BuiltInResources.Pods, request.Name!);
        if (pod.Body["status"]?["phase"].AsText() is not ("Pending" or "Succeeded" or "Failed") && !pod.IsBeingDeleted)
        {
            foreach (var budget in store.List(BuiltInResources.PodDisruptionBudgets, request.Namespace).Items)
                CheckBudget(budget, pod);
        }

        if (request.DryRun)
            return;
        var options = body["deleteOptions"];
        store.Delete(BuiltInResources.Pods, request.Namespace, request.Name!, new StoreDeleteOptions
        {
            GracePeriodSeconds = options?["gracePeriodSeconds"].AsLong(),
            Uid = options?["preconditions"]?["uid"].AsText(),
        });
    }

    private void CheckBudget(StoredObject budget, StoredObject pod)
    {
        var spec = budget.Body["spec"];
        if (spec?["selector"] is not JsonObject selected || !LabelSelector.FromObject(selected).Matches(pod.Labels))
            return;
        if (!IsReady(pod) && spec["unhealthyPodEvictionPolicy"].AsText() == "AlwaysAllow")
            return;
        var selector = LabelSelector.FromObject(selected);
        var pods = store.List(BuiltInResources.Pods, pod.Namespace).Items.Where(item => selector.Matches(item.Labels)).ToList();
        var healthy = pods.Count(item => IsReady(item) && !item.IsBeingDeleted);
        var desired = spec["minAvailable"] is { } minimum
            ? Share(minimum, pods.Count)
            : Math.Max(0, pods.Count - Share(spec["maxUnavailable"], pods.Count));
        if (healthy - (IsReady(pod) ? 1 : 0) >= desired)
            return;
        throw ApiException.TooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "DisruptionBudget",
                ["message"] = $"The disruption budget {budget.Name} needs {desired} healthy pods and has {healthy} currently",
            }),
        });
    }

    private static int Share(JsonNode? amount, int total)
    {
        if (amount.AsLong() is { } number)
            return (int)number;
        return amount.AsText() is { } text && text.EndsWith('%') && int.TryParse(text[..^1], out var percent) ? ((total * percent) + 99) / 100 : 0;
    }

    private static bool IsReady(StoredObject pod) => pod.Body["status"].Objects("conditions").Any(condition =>
        condition["type"].AsText() == "Ready" && condition["status"].AsText() == "True");
}
