using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>Validation of the other built-in kinds.</summary>
internal static class ObjectValidation
{
    private const string FrozenField = "field is immutable when `immutable` is set";

    public static void Service(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (subresource == "status" || body["spec"] is not JsonObject spec)
            return;
        var type = spec["type"].AsText();
        if (type is not (null or "ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
            problems.Add(FieldProblem.NotSupported("spec.type", type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"));
        var headless = spec["clusterIP"].AsText() == "None";
        var ports = spec.Objects("ports").ToList();
        if (ports.Count == 0 && !headless && type != "ExternalName")
            problems.Add(FieldProblem.Required("spec.ports"));
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i]["port"].AsLong() is { } number and (< 1 or > 65535))
                problems.Add(FieldProblem.Invalid($"spec.ports[{i}].port", $"{number}", "must be between 1 and 65535, inclusive"));
            if (ports.Count > 1 && ports[i]["name"].AsText() is not { Length: > 0 })
                problems.Add(FieldProblem.Required($"spec.ports[{i}].name"));
        }

        if (old?["spec"]?["clusterIP"].AsText() is { Length: > 0 } address && type != "ExternalName"
            && !string.Equals(address, spec["clusterIP"].AsText(), StringComparison.Ordinal))
        {
            problems.Add(FieldProblem.Invalid("spec.clusterIPs[0]", spec["clusterIPs"]?.ToJsonString() ?? "null", "may not change once set"));
        }
    }

    public static void Immutable(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (old?["immutable"].AsBool() != true)
            return;
        if (body["immutable"].AsBool() != true)
            problems.Add(FieldProblem.Forbidden("immutable", FrozenField));
        foreach (var field in (string[])["data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(body[field], old[field]))
                problems.Add(FieldProblem.Forbidden(field, FrozenField));
        }
    }

    public static void Lease(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        var spec = body["spec"];
        if (spec?["leaseDurationSeconds"].AsLong() is <= 0 and var seconds)
            problems.Add(FieldProblem.Invalid("spec.leaseDurationSeconds", $"{seconds}", "must be greater than 0"));
        if (spec?["leaseTransitions"].AsLong() is < 0 and var transitions)
            problems.Add(FieldProblem.Invalid("spec.leaseTransitions", $"{transitions}", "must be greater than or equal to 0"));
    }

    /// <summary>Of an Event in the shape of core v1; <see cref="NewEvent"/> has what events.k8s.io adds.</summary>
    public static void Event(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        var space = body["involvedObject"]?["namespace"].AsText() ?? "";
        var own = body["metadata"]?["namespace"].AsText() ?? "";
        if (space.Length == 0 ? own is not ("default" or "kube-system") : !string.Equals(space, own, StringComparison.Ordinal))
            problems.Add(FieldProblem.Invalid("involvedObject.namespace", $"\"{space}\"", "does not match event.namespace"));
    }

    public static void NewEvent(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (body["eventTime"] is null && old is null)
        {
            problems.Add(FieldProblem.Required("eventTime"));
            return;
        }

        if (body["reportingController"].AsText() is not { Length: > 0 } && old is null)
            problems.Add(FieldProblem.Required("reportingController"));
        if (body["reportingInstance"].AsText() is not { Length: > 0 } && old is null)
            problems.Add(FieldProblem.Required("reportingInstance"));
        if (body["action"].AsText() is not { Length: > 0 } && old is null)
            problems.Add(FieldProblem.Required("action"));
        if (body["reason"].AsText() is not { Length: > 0 } && old is null)
            problems.Add(FieldProblem.Required("reason"));
        if (body["type"].AsText() is not ("Normal" or "Warning"))
            problems.Add(FieldProblem.Invalid("type", $"\"{body["type"].AsText()}\"", ""));
        if (body["note"].AsText() is { Length: > 1024 })
            problems.Add(FieldProblem.Invalid("note", $"\"{body["note"].AsText()}\"", "can have at most 1024 characters"));
        if (body["series"]?["count"].AsLong() < 2)
            problems.Add(FieldProblem.Invalid("series.count", "\"\"", "should be at least 2"));
    }

    public static void DisruptionBudget(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (body["spec"] is not JsonObject spec)
            return;
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
            problems.Add(FieldProblem.Invalid("spec", spec.ToJsonString(), "minAvailable and maxUnavailable cannot be both set"));
        if (spec["unhealthyPodEvictionPolicy"].AsText() is { } policy and not ("IfHealthyBudget" or "AlwaysAllow"))
            problems.Add(FieldProblem.NotSupported("spec.unhealthyPodEvictionPolicy", policy, "AlwaysAllow", "IfHealthyBudget"));
    }

    public static void Claim(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (subresource == "status" || body["spec"] is not JsonObject spec)
            return;
        if (spec["accessModes"] is not JsonArray { Count: > 0 })
            problems.Add(FieldProblem.Required("spec.accessModes", "at least 1 access mode is required"));
        if (spec["resources"]?["requests"]?["storage"] is null)
            problems.Add(FieldProblem.Required("spec.resources[storage]"));
        if (old?["spec"] is not JsonObject before)
            return;
        if (Without(spec).ToJsonString() != Without(before).ToJsonString())
        {
            problems.Add(FieldProblem.Forbidden(
                "spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"));
        }
    }

    private static JsonObject Without(JsonObject spec)
    {
        var copy = (JsonObject)spec.DeepClone();
        foreach (var field in (string[])["resources", "volumeAttributesClassName", "volumeName", "storageClassName"])
            copy.Remove(field);
        return copy;
    }
}
