using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>Which operations on which resources a webhook is asked about.</summary>
internal sealed class WebhookRule(JsonObject rule)
{
    private readonly string[] _groups = Texts(rule["apiGroups"]);
    private readonly string[] _versions = Texts(rule["apiVersions"]);
    private readonly string[] _operations = Texts(rule["operations"]);
    private readonly string[] _resources = Texts(rule["resources"]);
    private readonly string _scope = rule["scope"].AsText() ?? "*";

    public bool Matches(string operation, string group, string version, string plural, string? subresource, bool namespaced) =>
        Has(_operations, operation) && Has(_groups, group) && Has(_versions, version) && InScope(namespaced)
        && _resources.Any(pattern => Names(pattern, plural, subresource));

    /// <summary>A namespace itself is of the whole cluster.</summary>
    private bool InScope(bool namespaced) => _scope switch
    {
        "Cluster" => !namespaced,
        "Namespaced" => namespaced,
        _ => true,
    };

    private static bool Names(string pattern, string plural, string? subresource)
    {
        var slash = pattern.IndexOf('/', StringComparison.Ordinal);
        var (resource, below) = slash < 0 ? (pattern, null) : (pattern[..slash], pattern[(slash + 1)..]);
        if (resource != "*" && !string.Equals(resource, plural, StringComparison.Ordinal))
            return false;
        // "*" alone means no subresources; "pods/*" and "*/*" mean the resource itself, too.
        return below == "*" || string.Equals(below, subresource, StringComparison.Ordinal);
    }

    private static bool Has(string[] values, string value) => values.Contains("*") || values.Contains(value);

    private static string[] Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => item.AsText()).OfType<string>()];
}
