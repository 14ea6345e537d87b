using System.Text.Json;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>One rule of a role.</summary>
/// <param name="Role">The role, as <see cref="AccessGrant.Role"/> names it.</param>
/// <param name="Index">Which of its rules.</param>
internal sealed record PolicyRule(string Role, int Index)
{
    public string[] Verbs { get; private init; } = [];

    public string[] Groups { get; private init; } = [];

    public string[] Resources { get; private init; } = [];

    public string[] Names { get; private init; } = [];

    public string[] Paths { get; private init; } = [];

    /// <summary>The rules of a role's or ClusterRole's body.</summary>
    public static IEnumerable<PolicyRule> Of(string role, JsonElement body)
    {
        if (!body.TryGetProperty("rules"u8, out var rules) || rules.ValueKind != JsonValueKind.Array)
            return [];
        return rules.EnumerateArray().Select((rule, index) => new PolicyRule(role, index)
        {
            Verbs = Texts(rule, "verbs"),
            Groups = Texts(rule, "apiGroups"),
            Resources = Texts(rule, "resources"),
            Names = Texts(rule, "resourceNames"),
            Paths = Texts(rule, "nonResourceURLs"),
        }).ToList();
    }

    public bool Allows(AccessAttributes wanted) => Has(Verbs, wanted.Verb) && (wanted.IsResource
        ? Has(Groups, wanted.Group) && IsOf(wanted) && (Names.Length == 0 || Array.IndexOf(Names, wanted.Name) >= 0)
        : Array.Exists(Paths, path => path == "*" || path == wanted.Path || (path.EndsWith('*') && wanted.Path.StartsWith(path[..^1], StringComparison.Ordinal))));

    /// <summary>Whether a resource is named by a pattern; such a rule cannot be found by the resource's name.</summary>
    public bool HasPatterns => Array.IndexOf(Groups, "*") >= 0 || Array.Exists(Resources, resource => resource.StartsWith('*'));

    private bool IsOf(AccessAttributes wanted)
    {
        var combined = wanted.Combined;
        return Array.Exists(Resources, resource => resource == "*" || resource == combined || (wanted.Subresource.Length > 0 && resource == $"*/{wanted.Subresource}"));
    }

    private static bool Has(string[] list, string wanted) => Array.Exists(list, item => item == "*" || item == wanted);

    private static string[] Texts(JsonElement rule, string field) => rule.TryGetProperty(field, out var list) && list.ValueKind == JsonValueKind.Array
        ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")]
        : [];
}
