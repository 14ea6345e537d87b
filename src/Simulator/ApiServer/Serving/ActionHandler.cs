using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.ApiServer.Admission;
using GpuStack.Simulator.ApiServer.BuiltIn;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Cluster.Disruption;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>Subresources that are actions: binding and eviction of pods, finalizing of namespaces, tokens of ServiceAccounts.</summary>
internal sealed class ActionHandler(ClusterStore store, ServiceAccountTokens tokens, ValidatingAdmission admission)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadObjectAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var operation = request.Subresource == "finalize" ? AdmissionAttributes.Update : AdmissionAttributes.Create;
        await admission.ValidateAsync(request, operation, body, old: null).ConfigureAwait(false);
        switch (request.Subresource)
        {
            case "eviction":
                Evict(request, body);
                break;
            case "binding":
                Bind(request, body);
                break;
            case "token":
                await TokenAsync(request, body).ConfigureAwait(false);
                return;
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

    private Task TokenAsync(ApiRequest request, JsonObject body)
    {
        var token = tokens.Create(request.Namespace!, request.Name!) ?? throw ApiException.NotFound(BuiltInResources.ServiceAccounts, request.Name!);
        var seconds = body["spec"]?["expirationSeconds"].AsLong() ?? 3600;
        return Answer.WriteAsync(
            request.Http,
            new JsonObject
            {
                ["kind"] = "TokenRequest",
                ["apiVersion"] = "authentication.k8s.io/v1",
                ["metadata"] = new JsonObject { ["name"] = request.Name, ["namespace"] = request.Namespace },
                ["spec"] = body["spec"]?.DeepClone() ?? new JsonObject(),
                ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = ObjectRules.Timestamp(store.Time.GetUtcNow().AddSeconds(seconds)) },
            },
            201);
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
            conditions.Add((JsonNode)new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = now });
        });
        if (bound is null)
            throw ApiException.NotFound(BuiltInResources.Pods, request.Name!);
    }

    private void Evict(ApiRequest request, JsonObject body)
    {
        var options = body["deleteOptions"];
        var refusal = Eviction.Evict(
            store,
            request.Namespace,
            request.Name!,
            new StoreDeleteOptions
            {
                GracePeriodSeconds = options?["gracePeriodSeconds"].AsLong(),
                Uid = options?["preconditions"]?["uid"].AsText(),
                ResourceVersion = options?["preconditions"]?["resourceVersion"].AsText(),
            },
            request.DryRun);
        if (refusal is { Code: 429 })
            throw ApiException.TooManyRequests(refusal.Message, Details(refusal));
        if (refusal is not null)
            throw ApiException.Internal(refusal.Message);
    }

    private static JsonObject Details(EvictionRefusal refusal)
    {
        var details = new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = refusal.Cause }),
        };
        if (refusal.RetryAfterSeconds is { } seconds)
            details["retryAfterSeconds"] = seconds;
        return details;
    }
}
