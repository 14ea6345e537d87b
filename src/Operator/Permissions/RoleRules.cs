using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Permissions;

/// <summary>The rules that the <see cref="EntityRbacAttribute"/>s of classes ask for, by role.</summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
internal static class RoleRules
{
    /// <summary>The rules by the role's id, sorted; a role that nobody asks anything of is left out.</summary>
    /// <exception cref="InvalidOperationException">An attribute says what no role can hold.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<RoleRule>> Of(IEnumerable<Type> classes)
    {
        var verbs = new SortedDictionary<(string Role, string Group, string Resource, string Names), RbacVerb>();
        foreach (var type in classes)
        {
            foreach (var attribute in type.GetCustomAttributes<EntityRbacAttribute>())
            {
                if (Problem(attribute) is { } problem)
                    throw new InvalidOperationException($"[EntityRbac] of {type.Name}: {problem}");
                foreach (var key in Keys(attribute))
                    verbs[key] = verbs.GetValueOrDefault(key) | attribute.Verbs;
            }
        }
        return verbs
            .GroupBy(entry => entry.Key.Role, StringComparer.Ordinal)
            .ToDictionary(
                role => role.Key,
                role => (IReadOnlyList<RoleRule>)[.. role.Select(entry => new RoleRule(entry.Key.Group, entry.Key.Resource, Split(entry.Key.Names), Names(entry.Value)))],
                StringComparer.Ordinal);
    }

    private static IEnumerable<(string Role, string Group, string Resource, string Names)> Keys(EntityRbacAttribute attribute)
    {
        if (attribute.NonResourceUrls.Length > 0)
            yield return (attribute.Role, "", "", Join(attribute.NonResourceUrls));
        foreach (var entity in attribute.Entities)
        {
            var metadata = EntityMetadata.Of(entity);
            var resource = attribute.Subresource.Length == 0 ? metadata.PluralName : $"{metadata.PluralName}/{attribute.Subresource}";
            var role = attribute.Role.Length > 0 ? attribute.Role : metadata.Namespaced ? OperatorRoles.Namespaces : OperatorRoles.Fleet;
            yield return (role, metadata.Group, resource, Join(attribute.ResourceNames));
        }
    }

    private static string? Problem(EntityRbacAttribute attribute)
    {
        var role = OperatorRoles.All.FirstOrDefault(one => one.Id == attribute.Role);
        if (attribute.Role.Length > 0 && role is null)
            return $"there is no role '{attribute.Role}'; add it to {nameof(OperatorRoles)}.";
        if (attribute.Verbs == RbacVerb.None)
            return "it names no verbs.";
        if ((attribute.Entities.Count > 0) == (attribute.NonResourceUrls.Length > 0))
            return "it must name either entities or paths.";
        if (attribute.NonResourceUrls.Length > 0 && role?.Reach != RoleReach.Cluster)
            return "paths belong into a role of the cluster.";
        if (attribute.ResourceNames.Length > 0 && attribute.Verbs.HasFlag(RbacVerb.Create))
            return "a rule with names cannot allow create; give create an attribute of its own.";
        return role is { Reach: not RoleReach.Cluster } && attribute.Entities.Any(entity => !EntityMetadata.Of(entity).Namespaced)
            ? "an entity of the cluster cannot be in a role of namespaces."
            : null;
    }

    private static string Join(IEnumerable<string> names) => string.Join('\n', names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static string[] Split(string names) => names.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Names(RbacVerb verbs) =>
    [
        .. Enum.GetValues<RbacVerb>().Where(verb => verb != RbacVerb.None && verbs.HasFlag(verb)).Select(verb => verb.ToString().ToLowerInvariant()).Order(StringComparer.Ordinal),
    ];
}
