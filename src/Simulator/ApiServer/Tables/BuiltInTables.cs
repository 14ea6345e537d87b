using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.BuiltIn;
using GpuStack.Simulator.ApiServer.Selectors;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Tables;

/// <summary>The tables of built-in kinds, as a real server prints them.</summary>
internal static class BuiltInTables
{
    private const string None = "<none>";

    public static TableLayout Namespaces { get; } = new(Text("Status", 0, "status", "phase"), TableLayout.Age);

    public static TableLayout Nodes { get; } = new(
        Column("Status", NodeStatus),
        Column("Roles", Roles),
        TableLayout.Age,
        Text("Version", 0, "status", "nodeInfo", "kubeletVersion"),
        Wide("Internal-IP", body => Address(body, "InternalIP")),
        Wide("External-IP", body => Address(body, "ExternalIP")),
        Wide("OS-Image", body => Text(body, "<unknown>", "status", "nodeInfo", "osImage")),
        Wide("Kernel-Version", body => Text(body, "<unknown>", "status", "nodeInfo", "kernelVersion")),
        Wide("Container-Runtime", body => Text(body, "<unknown>", "status", "nodeInfo", "containerRuntimeVersion")));

    public static TableLayout Pods { get; } = new(
        Column("Ready", PodCells.Ready),
        Column("Status", PodCells.Status),
        new TableColumn("Restarts", "string", 0, (body, now) => PodCells.Restarts(body, now)),
        TableLayout.Age,
        Wide("IP", body => Text(body, None, "status", "podIP")),
        Wide("Node", body => Text(body, None, "spec", "nodeName")),
        Wide("Nominated Node", body => Text(body, None, "status", "nominatedNodeName")),
        Wide("Readiness Gates", PodCells.ReadinessGates));

    public static TableLayout StatefulSets { get; } = new(
        Column("Ready", body => $"{Number(body, "status", "readyReplicas")}/{Number(body, "spec", "replicas")}"),
        TableLayout.Age,
        Wide("Containers", body => Containers(body, "name")),
        Wide("Images", body => Containers(body, "image")));

    public static TableLayout Deployments { get; } = new(
        Column("Ready", body => $"{Number(body, "status", "readyReplicas")}/{Number(body, "spec", "replicas")}"),
        Count("Up-to-date", "status", "updatedReplicas"),
        Count("Available", "status", "availableReplicas"),
        TableLayout.Age,
        Wide("Containers", body => Containers(body, "name")),
        Wide("Images", body => Containers(body, "image")),
        Wide("Selector", body => Selector(body, "spec", "selector")));

    public static TableLayout ReplicaSets { get; } = new(
        Count("Desired", "spec", "replicas"),
        Count("Current", "status", "replicas"),
        Count("Ready", "status", "readyReplicas"),
        TableLayout.Age,
        Wide("Containers", body => Containers(body, "name")),
        Wide("Images", body => Containers(body, "image")),
        Wide("Selector", body => Selector(body, "spec", "selector")));

    public static TableLayout Services { get; } = new(
        Text("Type", 0, "spec", "type"),
        Column("Cluster-IP", body => Text(body, None, "spec", "clusterIP")),
        Column("External-IP", ExternalAddress),
        Column("Port(s)", Ports),
        TableLayout.Age,
        Wide("Selector", body => body["spec"]?["selector"] is JsonObject { Count: > 0 } labels
            ? string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"))
            : None));

    public static TableLayout ConfigMaps { get; } = new(
        Column("Data", body => $"{Count(body, "data") + Count(body, "binaryData")}"), TableLayout.Age);

    public static TableLayout Secrets { get; } = new(
        Text("Type", 0, "type"), Column("Data", body => $"{Count(body, "data")}"), TableLayout.Age);

    public static TableLayout Claims { get; } = new(
        Text("Status", 0, "status", "phase"),
        Text("Volume", 0, "spec", "volumeName"),
        Column("Capacity", body => Text(body, "", "status", "capacity", "storage")),
        Column("Access Modes", body => Modes(body["status"])),
        Text("StorageClass", 0, "spec", "storageClassName"),
        Column("VolumeAttributesClass", _ => "<unset>"),
        TableLayout.Age,
        Wide("VolumeMode", body => Text(body, "<unset>", "spec", "volumeMode")));

    public static TableLayout Volumes { get; } = new(
        Column("Capacity", body => Text(body, "", "spec", "capacity", "storage")),
        Column("Access Modes", body => Modes(body["spec"])),
        Text("Reclaim Policy", 0, "spec", "persistentVolumeReclaimPolicy"),
        Text("Status", 0, "status", "phase"),
        Column("Claim", body => body["spec"]?["claimRef"] is { } claim ? $"{claim["namespace"]}/{claim["name"]}" : ""),
        Text("StorageClass", 0, "spec", "storageClassName"),
        TableLayout.Age);

    public static TableLayout Leases { get; } = new(Text("Holder", 0, "spec", "holderIdentity"), TableLayout.Age);

    public static TableLayout DisruptionBudgets { get; } = new(
        Column("Min Available", body => body["spec"]?["minAvailable"]?.ToString() ?? "N/A"),
        Column("Max Unavailable", body => body["spec"]?["maxUnavailable"]?.ToString() ?? "N/A"),
        Column("Allowed Disruptions", body => $"{Number(body, "status", "disruptionsAllowed")}"),
        TableLayout.Age);

    public static TableLayout NetworkPolicies { get; } = new(
        Column("Pod-Selector", body => Selector(body, "spec", "podSelector")), TableLayout.Age);

    public static TableLayout StorageClasses { get; } = new(
        Text("Provisioner", 0, "provisioner"),
        Text("ReclaimPolicy", 0, "reclaimPolicy"),
        Text("VolumeBindingMode", 0, "volumeBindingMode"),
        Column("AllowVolumeExpansion", body => body["allowVolumeExpansion"].AsBool() == true ? "true" : "false"),
        TableLayout.Age);

    public static TableLayout ResourceSlices { get; } = new(
        Text("Node", 0, "spec", "nodeName"), Text("Driver", 0, "spec", "driver"), Text("Pool", 0, "spec", "pool", "name"), TableLayout.Age);

    public static TableLayout RoleBindings { get; } = new(
        Column("Role", body => $"{body["roleRef"]?["kind"]}/{body["roleRef"]?["name"]}"), TableLayout.Age);

    private static TableColumn Text(string name, int priority, params string[] path) =>
        new(name, "string", priority, (body, _) => Text(body, "", path));

    private static TableColumn Column(string name, Func<JsonObject, string> cell) => new(name, "string", 0, (body, _) => cell(body));

    private static TableColumn Count(string name, params string[] path) =>
        new(name, "string", 0, (body, _) => JsonValue.Create(Number(body, path)));

    private static TableColumn Wide(string name, Func<JsonObject, string> cell) => new(name, "string", 1, (body, _) => cell(body));

    private static JsonNode? At(JsonObject body, string[] path)
    {
        JsonNode? node = body;
        foreach (var step in path)
            node = (node as JsonObject)?[step];
        return node;
    }

    private static string Text(JsonObject body, string missing, params string[] path) =>
        At(body, path)?.ToString() is { Length: > 0 } text ? text : missing;

    private static long Number(JsonObject body, params string[] path) => At(body, path).AsLong() ?? 0;

    private static int Count(JsonObject body, string field) => (body[field] as JsonObject)?.Count ?? 0;

    private static string NodeStatus(JsonObject body)
    {
        var ready = body["status"].Objects("conditions").FirstOrDefault(condition => condition["type"].AsText() == "Ready");
        var status = ready?["status"].AsText() switch { "True" => "Ready", null => "Unknown", _ => "NotReady" };
        return body["spec"]?["unschedulable"].AsBool() == true ? $"{status},SchedulingDisabled" : status;
    }

    private static string Roles(JsonObject body)
    {
        const string prefix = "node-role.kubernetes.io/";
        var roles = (body["metadata"]?["labels"] as JsonObject ?? [])
            .Where(label => label.Key.StartsWith(prefix, StringComparison.Ordinal) && label.Key.Length > prefix.Length)
            .Select(label => label.Key[prefix.Length..]).Order(StringComparer.Ordinal).ToList();
        return roles.Count == 0 ? None : string.Join(',', roles);
    }

    private static string Address(JsonObject body, string type) =>
        body["status"].Objects("addresses").FirstOrDefault(address => address["type"].AsText() == type)?["address"].AsText() ?? None;

    private static string Containers(JsonObject body, string field) =>
        string.Join(',', (body["spec"]?["template"]?["spec"]).Objects("containers").Select(container => container[field].AsText()));

    private static string Selector(JsonObject body, params string[] path)
    {
        var text = At(body, path) is JsonObject selector ? LabelSelector.FromObject(selector).ToString() : "";
        return text.Length == 0 ? None : text;
    }

    private static string Modes(JsonNode? owner) => string.Join(',', (owner?["accessModes"] as JsonArray ?? []).Select(mode => mode.AsText() switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        var other => other,
    }));

    private static string ExternalAddress(JsonObject body) => body["spec"]?["type"].AsText() switch
    {
        "ExternalName" => Text(body, None, "spec", "externalName"),
        "LoadBalancer" => "<pending>",
        _ => None,
    };

    private static string Ports(JsonObject body)
    {
        var ports = body["spec"].Objects("ports").Select(port =>
            port["nodePort"].AsLong() is > 0 and var node ? $"{port["port"]}:{node}/{port["protocol"]}" : $"{port["port"]}/{port["protocol"]}").ToList();
        return ports.Count == 0 ? None : string.Join(',', ports);
    }
}
