using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>The roles that every cluster has from its start, as far as somebody here needs them.</summary>
internal static class DefaultRoles
{
    private const string Text = """
        [
          {"name": "cluster-admin", "groups": ["system:masters"], "rules": [
            {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}]},
          {"name": "system:discovery", "groups": ["system:authenticated"], "rules": [
            {"nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"], "verbs": ["get"]}]},
          {"name": "system:basic-user", "groups": ["system:authenticated"], "rules": [
            {"apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], "verbs": ["create"]},
            {"apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"], "verbs": ["create"]}]},
          {"name": "system:public-info-viewer", "groups": ["system:authenticated", "system:unauthenticated"], "rules": [
            {"nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"], "verbs": ["get"]}]},
          {"name": "admin", "aggregates": "admin"},
          {"name": "edit", "aggregates": "edit"},
          {"name": "view", "aggregates": "view"}
        ]
        """;

    /// <summary>Adds those that are not there.</summary>
    public static void AddTo(ClusterStore store)
    {
        foreach (var role in JsonNode.Parse(Text)!.AsArray())
        {
            var name = role!["name"].AsText()!;
            if (store.Get(BuiltInResources.ClusterRoles, null, name) is not null)
                continue;
            var body = new JsonObject { ["metadata"] = Metadata(name), ["rules"] = role["rules"]?.DeepClone() ?? new JsonArray() };
            if (role["aggregates"].AsText() is { } label)
            {
                var labels = new JsonObject { [$"rbac.authorization.k8s.io/aggregate-to-{label}"] = "true" };
                body["aggregationRule"] = new JsonObject { ["clusterRoleSelectors"] = new JsonArray(new JsonObject { ["matchLabels"] = labels }) };
            }

            store.Create(BuiltInResources.ClusterRoles, body);
            if (role["groups"] is JsonArray groups)
                store.Create(BuiltInResources.ClusterRoleBindings, Binding(name, groups));
        }
    }

    private static JsonObject Binding(string role, JsonArray groups) => new()
    {
        ["metadata"] = Metadata(role),
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray([.. groups.Select(group => new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Group", ["name"] = group.AsText() })]),
    };

    private static JsonObject Metadata(string name) => new()
    {
        ["name"] = name,
        ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
    };
}
