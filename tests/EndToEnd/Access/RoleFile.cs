using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Access;

/// <summary>A role of the operator as it is committed in <c>config/rbac</c>.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Role">The role.</param>
internal sealed record RoleFile(string Name, JsonObject Role)
{
    /// <summary>The role's name.</summary>
    public string RoleName => Role["metadata"]!["name"].AsText()!;

    /// <summary>How the simulated cluster's log names it.</summary>
    public string LogName => Role["kind"].AsText() == "Role" ? $"Role {Role["metadata"]!["namespace"].AsText()}/{RoleName}" : $"ClusterRole {RoleName}";

    /// <summary>Reads a file of <c>config/rbac</c>.</summary>
    public static RoleFile Read(string name) => new(name, Parse(name));

    /// <summary>An object of a file of <c>config/rbac</c>.</summary>
    public static JsonObject Parse(string name) => YamlReader.Read(File.ReadAllText(Repository.PathOf("config", "rbac", name)), name)!.AsObject();

    /// <summary>What the role allows and nobody did, a line each.</summary>
    public IReadOnlyList<string> Unused(AccessLog log)
    {
        var used = log.Grants.Where(grant => grant.Role == LogName).Select(grant => (grant.Rule, grant.Verb, grant.Group, grant.Resource)).ToHashSet();
        return [.. Permissions().Where(one => !used.Contains(one)).Select(one => $"{Name}, rule {one.Rule}: {one.Verb} {one.Resource}{(one.Group.Length > 0 ? "." : "")}{one.Group}")];
    }

    /// <summary>What a rule allows: its number, the verb, the group and the resource, or the path.</summary>
    public IEnumerable<(int Rule, string Verb, string Group, string Resource)> Permissions() => Role["rules"]!.AsArray().SelectMany((rule, index) =>
        Texts(rule!["verbs"]).SelectMany(verb => rule["nonResourceURLs"] is { } paths
            ? Texts(paths).Select(path => (index, verb, "", path))
            : Texts(rule["apiGroups"]).SelectMany(group => Texts(rule["resources"]).Select(resource => (index, verb, group, resource)))));

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(item => item.AsText()!);
}
