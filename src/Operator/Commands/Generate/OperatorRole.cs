using System.Reflection;
using System.Text.Json.Nodes;
using GpuStack.Entities.Generation;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Commands.Generate;

/// <summary>
/// The ClusterRole of the operator: the union of what the <see cref="EntityRbacAttribute"/>s of its classes ask for, plus what the
/// runtime itself needs, the lease of the leader election and events.
/// </summary>
internal static class OperatorRole
{
    public const string Name = "gpustack-operator";

    public const string Command = "dotnet run --project src/Operator -- generate rbac --out .";

    private static readonly (Type Entity, RbacVerb Verbs)[] Runtime =
    [
        (typeof(V1Lease), RbacVerb.Get | RbacVerb.Create | RbacVerb.Update),
        (typeof(EventsV1Event), RbacVerb.Create | RbacVerb.Patch),
    ];

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
        foreach (var (entity, wanted) in Runtime) Add(entity, "", wanted);
        return [.. verbs.Where(entry => entry.Value != RbacVerb.None).Select(entry => new RoleRule(entry.Key.Group, entry.Key.Resource, VerbNames(entry.Value)))];
    }

    /// <summary>The ClusterRole; resources of one group with the same verbs share a rule.</summary>
    public static string Yaml(IReadOnlyList<RoleRule> rules)
    {
        var role = new JsonObject
        {
            ["apiVersion"] = "rbac.authorization.k8s.io/v1",
            ["kind"] = "ClusterRole",
            ["metadata"] = new JsonObject { ["name"] = Name },
            ["rules"] = new JsonArray([.. rules
                .GroupBy(rule => (rule.Group, Verbs: string.Join(',', rule.Verbs)))
                .Select(group => new JsonObject
                {
                    ["apiGroups"] = Strings([group.Key.Group]),
                    ["resources"] = Strings(group.Select(rule => rule.Resource)),
                    ["verbs"] = Strings(group.First().Verbs),
                })]),
        };
        return $"# Generated from the [EntityRbac] attributes of src/Operator. Write it anew with: {Command}\n" + YamlText.Write(role);
    }

    private static string[] VerbNames(RbacVerb verbs) =>
    [
        .. Enum.GetValues<RbacVerb>().Where(verb => verb != RbacVerb.None && verbs.HasFlag(verb)).Select(verb => verb.ToString().ToLowerInvariant()).Order(StringComparer.Ordinal),
    ];

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
