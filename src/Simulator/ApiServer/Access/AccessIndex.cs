using System.Text.Json;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>
/// What roles and bindings allow, as of one moment. Subjects are users and groups, for a ServiceAccount is a user; each has a table of
/// rules in the whole cluster, and one in each namespace that a RoleBinding gives it something in.
/// </summary>
internal sealed class AccessIndex
{
    private readonly Dictionary<(string Subject, string Namespace), RuleTable> _tables = [];

    private AccessIndex()
    {
    }

    /// <summary>Reads all roles and bindings.</summary>
    public static AccessIndex Build(ClusterStore store)
    {
        var index = new AccessIndex();
        var clusterRoles = ClusterRoles(store);
        var roles = store.List(BuiltInResources.Roles).Items.ToDictionary(
            role => (role.Namespace!, role.Name), role => PolicyRule.Of($"Role {role.Namespace}/{role.Name}", role.Content).ToList());
        foreach (var binding in store.List(BuiltInResources.ClusterRoleBindings).Items)
            index.Add(binding, "", Role(binding, clusterRoles, roles));
        foreach (var binding in store.List(BuiltInResources.RoleBindings).Items)
            index.Add(binding, binding.Namespace!, Role(binding, clusterRoles, roles));
        return index;
    }

    /// <summary>A rule that allows it; null when there is none.</summary>
    public BoundRule? Find(AccessUser user, AccessAttributes wanted)
    {
        foreach (var table in Tables(user, wanted.Namespace))
        {
            if (table.Find(wanted) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>All that a user may do in a namespace.</summary>
    public IEnumerable<PolicyRule> Rules(AccessUser user, string @namespace) => Tables(user, @namespace).SelectMany(table => table.All).Select(bound => bound.Rule).Distinct();

    private IEnumerable<RuleTable> Tables(AccessUser user, string @namespace)
    {
        foreach (var scope in @namespace.Length == 0 ? (string[])[""] : ["", @namespace])
        {
            if (_tables.TryGetValue(("User " + user.Name, scope), out var own))
                yield return own;
            foreach (var group in user.Groups)
            {
                if (_tables.TryGetValue(("Group " + group, scope), out var shared))
                    yield return shared;
            }
        }
    }

    private void Add(StoredObject binding, string @namespace, List<PolicyRule> rules)
    {
        var reference = binding.Content.GetProperty("roleRef"u8);
        var name = @namespace.Length == 0 ? binding.Name : $"{binding.Name}/{@namespace}";
        foreach (var subject in binding.Content.TryGetProperty("subjects"u8, out var subjects) && subjects.ValueKind == JsonValueKind.Array ? subjects.EnumerateArray() : [])
        {
            var (kind, who, home) = (Text(subject, "kind"), Text(subject, "name"), Text(subject, "namespace"));
            if (home.Length == 0)
                home = @namespace;
            var isAccount = kind == "ServiceAccount";
            var key = (isAccount ? "User " + AccessUser.ServiceAccountName(home, who) : $"{kind} {who}", @namespace);
            if (!_tables.TryGetValue(key, out var table))
                _tables[key] = table = new RuleTable();
            var text = $"{binding.Definition.Kind} \"{name}\" of {Text(reference, "kind")} \"{Text(reference, "name")}\" to {kind} \"{who}{(isAccount ? "/" + home : "")}\"";
            foreach (var rule in rules)
                table.Add(rule, text);
        }
    }

    /// <summary>Of a binding whose role does not exist, nothing.</summary>
    private static List<PolicyRule> Role(
        StoredObject binding, Dictionary<string, List<PolicyRule>> clusterRoles, Dictionary<(string Namespace, string Name), List<PolicyRule>> roles)
    {
        var reference = binding.Content.GetProperty("roleRef"u8);
        var name = Text(reference, "name");
        var found = Text(reference, "kind") == "ClusterRole"
            ? clusterRoles.GetValueOrDefault(name)
            : roles.GetValueOrDefault((binding.Namespace ?? "", name));
        return found ?? [];
    }

    /// <summary>The ClusterRoles; one that aggregates others has their rules in place of its own.</summary>
    private static Dictionary<string, List<PolicyRule>> ClusterRoles(ClusterStore store)
    {
        var all = store.List(BuiltInResources.ClusterRoles).Items;
        var own = all.ToDictionary(role => role.Name, role => PolicyRule.Of($"ClusterRole {role.Name}", role.Content).ToList(), StringComparer.Ordinal);
        var result = new Dictionary<string, List<PolicyRule>>(own, StringComparer.Ordinal);
        foreach (var role in all)
        {
            if (!role.Content.TryGetProperty("aggregationRule"u8, out var rule) || !rule.TryGetProperty("clusterRoleSelectors"u8, out var selectors))
                continue;
            var chosen = all.Where(other => other != role && selectors.EnumerateArray().Any(selector => Matches(selector, other.Labels)));
            result[role.Name] = [.. chosen.SelectMany(other => own[other.Name])];
        }

        return result;
    }

    /// <summary>Roles are aggregated by <c>matchLabels</c>; a selector with expressions chooses none.</summary>
    private static bool Matches(JsonElement selector, IReadOnlyDictionary<string, string> labels) =>
        !selector.TryGetProperty("matchExpressions"u8, out _)
        && selector.TryGetProperty("matchLabels"u8, out var wanted)
        && wanted.EnumerateObject().All(label => labels.TryGetValue(label.Name, out var value) && value == label.Value.GetString());

    private static string Text(JsonElement body, string field) => body.TryGetProperty(field, out var value) ? value.GetString() ?? "" : "";
}
