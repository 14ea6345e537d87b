using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Nodes;
using GpuStack.Entities.Generation;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Commands.Generate;

/// <summary>
/// The roles of the operator. The ClusterRole is the union of what the <see cref="EntityRbacAttribute"/>s of its classes ask for, plus
/// events; the lease of the leader election is asked for in the operator's own namespace only.
/// </summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
internal static class OperatorRole
{
    public const string Command = "dotnet run --project src/Operator -- generate rbac --out .";

    private const string Head = $"# Generated from the [EntityRbac] attributes of src/Operator. Write it anew with: {Command}\n";

    /// <summary>The rules, sorted by group and resource.</summary>
    public static IReadOnlyList<RoleRule> Rules(Assembly assembly)
    {
        var verbs = new SortedDictionary<(string Group, string Resource), RbacVerb>();
        void Add(Type entity, string subresource, RbacVerb wanted)
        {
            var metadata = entity.GetCustomAttribute<KubernetesEntityAttribute>()
                ?? throw new InvalidOperationException($"{entity.Name} carries no [KubernetesEntity], so no role can name it.");
            var plural = metadata.PluralName.Length > 0 ? metadata.PluralName : metadata.Kind.ToLowerInvariant() + "s";
            var key = (metadata.Group, subresource.Length == 0 ? plural : $"{plural}/{subresource}");
            verbs[key] = verbs.GetValueOrDefault(key) | wanted;
        }

        foreach (var attribute in assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<EntityRbacAttribute>()))
        {
            foreach (var entity in attribute.Entities) Add(entity, attribute.Subresource, attribute.Verbs);
        }
        Add(typeof(EventsV1Event), "", RbacVerb.Create | RbacVerb.Patch);
        return [.. verbs.Where(entry => entry.Value != RbacVerb.None).Select(entry => new RoleRule(entry.Key.Group, entry.Key.Resource, VerbNames(entry.Value)))];
    }

    /// <summary>The ClusterRole; resources of one group with the same verbs share a rule.</summary>
    public static string ClusterRoleYaml(IReadOnlyList<RoleRule> rules) =>
        Role("ClusterRole", new JsonObject { ["name"] = "gpustack-operator" }, rules);

    /// <summary>The Role for the lease.</summary>
    public static string LeaderElectionYaml() => Role(
        "Role",
        new JsonObject { ["name"] = "gpustack-operator-leader-election", ["namespace"] = "gpustack-system" },
        [new RoleRule("coordination.k8s.io", "leases", VerbNames(RbacVerb.Get | RbacVerb.Create | RbacVerb.Update))]);

    private static string Role(string kind, JsonObject metadata, IReadOnlyList<RoleRule> rules) => Head + YamlText.Write(new JsonObject
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = kind,
        ["metadata"] = metadata,
        ["rules"] = new JsonArray([.. rules
            .GroupBy(rule => (rule.Group, Verbs: string.Join(',', rule.Verbs)))
            .Select(group => new JsonObject
            {
                ["apiGroups"] = Strings([group.Key.Group]),
                ["resources"] = Strings(group.Select(rule => rule.Resource)),
                ["verbs"] = Strings(group.First().Verbs),
            })]),
    });

    private static string[] VerbNames(RbacVerb verbs) =>
    [
        .. Enum.GetValues<RbacVerb>().Where(verb => verb != RbacVerb.None && verbs.HasFlag(verb)).Select(verb => verb.ToString().ToLowerInvariant()).Order(StringComparer.Ordinal),
    ];

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
