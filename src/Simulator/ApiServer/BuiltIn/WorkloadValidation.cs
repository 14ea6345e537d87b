using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.ApiServer.Selectors;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Validation;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>Validation of workloads and pods, as far as their users rely on it.</summary>
internal static class WorkloadValidation
{
    private const string StatefulSetImmutable =
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

    private const string PodImmutable =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    private static readonly string[] StatefulSetMutable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    public static void StatefulSet(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (subresource == "status")
            return;
        Workload(body, problems);
        if (body["spec"]?["podManagementPolicy"].AsText() is { } policy and not ("OrderedReady" or "Parallel"))
            problems.Add(FieldProblem.Invalid("spec.podManagementPolicy", $"\"{policy}\"", "must be 'OrderedReady' or 'Parallel'"));
        if (body["spec"]?["updateStrategy"]?["type"].AsText() is { } strategy and not ("RollingUpdate" or "OnDelete"))
            problems.Add(FieldProblem.Invalid("spec.updateStrategy", $"\"{strategy}\"", "must be 'RollingUpdate' or 'OnDelete'"));
        if (old is not null && !EqualBut(body["spec"], old["spec"], StatefulSetMutable))
            problems.Add(FieldProblem.Forbidden("spec", StatefulSetImmutable));
    }

    public static void Deployment(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (subresource == "status")
            return;
        Workload(body, problems);
        if (old is not null && !JsonNode.DeepEquals(body["spec"]?["selector"], old["spec"]?["selector"]))
            problems.Add(FieldProblem.Invalid("spec.selector", body["spec"]?["selector"]?.ToJsonString() ?? "null", "field is immutable"));
    }

    public static void Pod(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (subresource is not null)
            return;
        if (body["spec"] is not JsonObject spec)
        {
            problems.Add(FieldProblem.Required("spec.containers"));
            return;
        }

        PodSpec(spec, "spec", problems);
        if (old?["spec"] is JsonObject before && !JsonNode.DeepEquals(Fixed(spec), Fixed(before)))
            problems.Add(FieldProblem.Forbidden("spec", PodImmutable));
    }

    private static void Workload(JsonObject body, List<FieldProblem> problems)
    {
        if (body["spec"] is not JsonObject spec)
            return;
        if (spec["replicas"].AsLong() is < 0 and var replicas)
            problems.Add(FieldProblem.Invalid("spec.replicas", $"{replicas}", "must be greater than or equal to 0"));
        if (spec["template"] is not JsonObject template)
            return;
        var labels = template["metadata"]?["labels"] as JsonObject ?? [];
        if (spec["selector"] is JsonObject selector)
        {
            var selected = labels.ToDictionary(label => label.Key, label => label.Value.AsText() ?? "", StringComparer.Ordinal);
            if (selector.Count == 0)
                problems.Add(FieldProblem.Invalid("spec.selector", "{}", "empty selector is invalid for statefulset"));
            else if (!LabelSelector.FromObject(selector).Matches(selected))
                problems.Add(FieldProblem.Invalid("spec.template.metadata.labels", labels.ToJsonString(JsonText.Options), "`selector` does not match template `labels`"));
        }

        if (template["spec"] is not JsonObject pod)
        {
            problems.Add(FieldProblem.Required("spec.template.spec.containers"));
            return;
        }

        PodSpec(pod, "spec.template.spec", problems);
        if (pod["restartPolicy"].AsText() is { } restart and not "Always")
            problems.Add(FieldProblem.NotSupported("spec.template.spec.restartPolicy", restart, "Always"));
    }

    private static void PodSpec(JsonObject spec, string path, List<FieldProblem> problems)
    {
        if (spec["containers"] is not JsonArray { Count: > 0 })
            problems.Add(FieldProblem.Required($"{path}.containers"));
        var volumes = spec.Objects("volumes").Select(volume => volume["name"].AsText()).ToHashSet(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in (string[])["initContainers", "containers"])
        {
            var index = 0;
            foreach (var container in spec.Objects(list))
                Container(container, $"{path}.{list}[{index++}]", volumes, names, problems);
        }
    }

    private static void Container(JsonObject container, string path, HashSet<string?> volumes, HashSet<string> names, List<FieldProblem> problems)
    {
        if (container["name"].AsText() is { Length: > 0 } name)
        {
            NameRule.Label.Check(name, $"{path}.name", problems);
            if (!names.Add(name))
                problems.Add(new FieldProblem($"{path}.name", "FieldValueDuplicate", $"Duplicate value: \"{name}\""));
        }

        if (container["image"].AsText() is not { Length: > 0 })
            problems.Add(FieldProblem.Required($"{path}.image"));
        if (container["imagePullPolicy"].AsText() is { } policy and not ("Always" or "IfNotPresent" or "Never"))
            problems.Add(FieldProblem.NotSupported($"{path}.imagePullPolicy", policy, "Always", "IfNotPresent", "Never"));
        var index = 0;
        foreach (var port in container.Objects("ports"))
        {
            if (port["containerPort"].AsLong() is { } number and (< 1 or > 65535))
                problems.Add(FieldProblem.Invalid($"{path}.ports[{index}].containerPort", $"{number}", "must be between 1 and 65535, inclusive"));
            index++;
        }

        index = 0;
        foreach (var mount in container.Objects("volumeMounts"))
        {
            if (mount["name"].AsText() is { Length: > 0 } volume && !volumes.Contains(volume))
                problems.Add(new FieldProblem($"{path}.volumeMounts[{index}].name", "FieldValueNotFound", $"Not found: \"{volume}\""));
            index++;
        }

        Resources(container["resources"] as JsonObject, $"{path}.resources", problems);
    }

    /// <summary>Extended resources cannot be overcommitted: their request must equal their limit; others' must not exceed it.</summary>
    private static void Resources(JsonObject? resources, string path, List<FieldProblem> problems)
    {
        if (resources?["requests"] is not JsonObject requests)
            return;
        var limits = resources["limits"] as JsonObject ?? [];
        foreach (var (name, amount) in requests)
        {
            var extended = name.Contains('/', StringComparison.Ordinal);
            if (!Quantity.TryParse(amount?.ToString(), out var requested))
                continue;
            if (limits[name] is not { } limit)
            {
                if (extended)
                    problems.Add(FieldProblem.Required($"{path}.limits", "Limit must be set for non overcommitable resources"));
                continue;
            }

            if (!Quantity.TryParse(limit.ToString(), out var allowed))
                continue;
            if (extended && !requested.Equals(allowed))
                problems.Add(FieldProblem.Invalid($"{path}.requests", $"\"{amount}\"", $"must be equal to {name} limit of {allowed}"));
            else if (requested.CompareTo(allowed) > 0)
                problems.Add(FieldProblem.Invalid($"{path}.requests", $"\"{amount}\"", $"must be less than or equal to {name} limit of {allowed}"));
        }
    }

    /// <summary>A pod's spec without what may change after its creation.</summary>
    private static JsonObject Fixed(JsonObject spec)
    {
        var copy = (JsonObject)spec.DeepClone();
        foreach (var field in (string[])["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"])
            copy.Remove(field);
        foreach (var container in copy.Objects("initContainers").Concat(copy.Objects("containers")))
            container.Remove("image");
        return copy;
    }

    private static bool EqualBut(JsonNode? left, JsonNode? right, string[] ignored)
    {
        var names = ((left as JsonObject)?.Select(field => field.Key) ?? []).Union((right as JsonObject)?.Select(field => field.Key) ?? [], StringComparer.Ordinal);
        return names.Except(ignored, StringComparer.Ordinal)
            .All(name => JsonNode.DeepEquals((left as JsonObject)?[name], (right as JsonObject)?[name]));
    }
}
