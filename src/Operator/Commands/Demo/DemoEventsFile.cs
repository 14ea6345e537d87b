using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuStack.Entities.Conditions;
using GpuStack.Entities.Manifests;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>Reads an events file: a list of <c>{after: CONDITION_OR_DURATION, do: ACTION, node|name|file: …}</c>.</summary>
internal static partial class DemoEventsFile
{
    private const int MaxEvents = 1000;
    private static readonly string[] Conditions =
    [
        ConditionTypes.ModelInspected, ConditionTypes.Planned, ConditionTypes.Scheduled, ConditionTypes.Ready, ConditionTypes.Reconciling, ConditionTypes.Stalled,
    ];

    /// <exception cref="ManifestException">One sentence with file, field and remedy.</exception>
    public static async Task<IReadOnlyList<DemoEvent>> ReadAsync(
        string text, string file, IReadOnlyList<V1Node> nodes, CancellationToken cancellationToken)
    {
        JsonNode? root;
        try
        {
            root = YamlReader.Read(text, file);
        }
        catch (YamlFormatException exception)
        {
            throw new InputException(exception.Message, exception);
        }
        if (root is not JsonArray { Count: <= MaxEvents } list)
            throw new ManifestException($"expected a list of at most {MaxEvents} events like {{after: Ready, do: nodeDown, node: NAME}}", file);
        var events = new List<DemoEvent>();
        for (var i = 0; i < list.Count; i++)
            events.Add(await EventAsync(list[i] as JsonObject, $"[{i}]", file, nodes, cancellationToken));
        return events;
    }

    private static async Task<DemoEvent> EventAsync(
        JsonObject? value, string place, string file, IReadOnlyList<V1Node> nodes, CancellationToken cancellationToken)
    {
        if (value is null)
            throw new ManifestException("expected an event like {after: Ready, do: nodeDown, node: NAME}", file, field: place);
        var action = Action(Text(value, "do", place, file), place, file);
        var target = action switch
        {
            DemoAction.NodeDown or DemoAction.NodeUp or DemoAction.Drain => "node",
            DemoAction.Apply => "file",
            _ => "name",
        };
        if (value.FirstOrDefault(p => p.Key is not ("after" or "do" or "namespace") && p.Key != target).Key is { } unknown)
            throw new ManifestException($"is no field of a {Text(value, "do", place, file)} event; it takes after, do, namespace and {target}", file, field: $"{place}.{unknown}");
        var name = Text(value, target, place, file);
        if (target == "node" && !nodes.Any(n => n.Metadata.Name == name))
            throw new ManifestException($"the fleet has no node '{name}'", file, field: $"{place}.node");
        var deployments = action == DemoAction.Apply ? await DeploymentsAsync(name, file, cancellationToken) : [];
        return new DemoEvent(
            value["after"] is null ? DemoTrigger.AtOnce : Trigger(Text(value, "after", place, file), place, file),
            action,
            name,
            value["namespace"] is null ? "default" : Text(value, "namespace", place, file),
            deployments);
    }

    private static async Task<IReadOnlyList<ModelDeployment>> DeploymentsAsync(string name, string eventsFile, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(eventsFile)) ?? ".", name);
        return DemoInput.ReadDeployments(await InputFile.ReadAsync(path, cancellationToken), path);
    }

    private static DemoAction Action(string text, string place, string file) => text switch
    {
        "nodeDown" => DemoAction.NodeDown,
        "nodeUp" => DemoAction.NodeUp,
        "drain" => DemoAction.Drain,
        "apply" => DemoAction.Apply,
        "delete" => DemoAction.Delete,
        "podFail" => DemoAction.PodFail,
        _ => throw new ManifestException($"'{text}' is none of nodeDown, nodeUp, drain, apply, delete, podFail", file, field: $"{place}.do"),
    };

    private static DemoTrigger Trigger(string text, string place, string file)
    {
        if (KubernetesDuration.TryParse(text, out var delay) && delay.Nanoseconds >= 0)
            return new DemoTrigger(delay.ToTimeSpan(), null, null, "True");
        if (ConditionPattern().Match(text) is { Success: true } match && Conditions.Contains(match.Groups["type"].Value))
        {
            return new DemoTrigger(
                TimeSpan.Zero,
                match.Groups["name"] is { Success: true, Value: var name } ? name : null,
                match.Groups["type"].Value,
                match.Groups["status"] is { Success: true, Value: var status } ? status : "True");
        }
        throw new ManifestException(
            $"'{text}' is neither a duration like 2s nor a condition like Ready, Planned=False or NAME/Planned=False (of {string.Join(", ", Conditions)})",
            file, field: $"{place}.after");
    }

    private static string Text(JsonObject value, string field, string place, string file) =>
        value[field] is JsonValue node && (node.TryGetValue(out string? text) ? text : node.ToJsonString()) is { Length: > 0 } found ? found
            : throw new ManifestException("is required", file, field: $"{place}.{field}");

    [GeneratedRegex("^((?<name>[a-z0-9.-]+)/)?(?<type>[A-Za-z]+)(=(?<status>True|False|Unknown))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ConditionPattern();
}
