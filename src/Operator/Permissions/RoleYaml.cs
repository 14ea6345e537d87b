using System.Text.Json.Nodes;
using GpuStack.Entities.Generation;

namespace GpuStack.Operator.Permissions;

/// <summary>Roles and their bindings as YAML.</summary>
internal static class RoleYaml
{
    public const string Command = "dotnet run --project src/Operator -- generate rbac --out .";

    private const string Head = $"# Generated from the [EntityRbac] attributes of src/Operator. Write it anew with: {Command}\n";
    private const string ApiGroup = "rbac.authorization.k8s.io";

    /// <summary>A role; resources of one group with the same verbs and names share a rule.</summary>
    public static string Role(OperatorRole role, IReadOnlyList<RoleRule> rules) => Write(new JsonObject
    {
        ["apiVersion"] = $"{ApiGroup}/v1",
        ["kind"] = Kind(role),
        ["metadata"] = Metadata(role),
        ["rules"] = new JsonArray([.. rules
            .GroupBy(rule => (rule.IsOfPaths, rule.Group, Names: string.Join('\n', rule.Names), Verbs: string.Join(',', rule.Verbs)))
            .Select(group => Rule([.. group]))]),
    });

    /// <summary>What gives the operator the role.</summary>
    public static string Binding(OperatorRole role) => Write(new JsonObject
    {
        ["apiVersion"] = $"{ApiGroup}/v1",
        ["kind"] = Kind(role) + "Binding",
        ["metadata"] = Metadata(role),
        ["roleRef"] = new JsonObject { ["apiGroup"] = ApiGroup, ["kind"] = Kind(role), ["name"] = role.Name },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = OperatorRoles.Operator, ["namespace"] = OperatorRoles.OwnNamespace }),
    });

    private static JsonObject Rule(RoleRule[] same)
    {
        var first = same[0];
        if (first.IsOfPaths)
            return new JsonObject { ["nonResourceURLs"] = Strings(first.Names), ["verbs"] = Strings(first.Verbs) };
        var rule = new JsonObject { ["apiGroups"] = Strings([first.Group]), ["resources"] = Strings(same.Select(one => one.Resource)) };
        if (first.Names.Count > 0)
            rule["resourceNames"] = Strings(first.Names);
        rule["verbs"] = Strings(first.Verbs);
        return rule;
    }

    private static string Kind(OperatorRole role) => role.Reach == RoleReach.OwnNamespace ? "Role" : "ClusterRole";

    private static JsonObject Metadata(OperatorRole role)
    {
        var metadata = new JsonObject { ["name"] = role.Name };
        if (role.Reach == RoleReach.OwnNamespace)
            metadata["namespace"] = OperatorRoles.OwnNamespace;
        return metadata;
    }

    private static string Write(JsonObject content) => Head + YamlText.Write(content);

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
