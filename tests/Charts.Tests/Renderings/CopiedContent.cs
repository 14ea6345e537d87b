using System.Text.Json.Nodes;

namespace GpuStack.Charts.Tests.Renderings;

/// <summary>
/// What objects have out of the chart's <c>files/</c> as it stands: the CRD's schema, the rules of generated roles, alerts, dashboards. Expected
/// renderings name the file instead, so that they change with the chart alone.
/// </summary>
internal static class CopiedContent
{
    private static readonly string Files = Path.Combine(Repository.Chart, "files");

    /// <summary>Puts the file's name in place of what was copied from it; content that is in no file stays.</summary>
    /// <param name="json">The object; it is changed.</param>
    /// <param name="fullname">The release's name in the names of objects.</param>
    public static JsonObject Replace(JsonObject json, string fullname)
    {
        switch (json["kind"]!.GetValue<string>())
        {
            case "CustomResourceDefinition":
                ReplaceField(json, "spec", Yaml("crds", "spec", fullname));
                break;
            case "ClusterRole" or "Role":
                ReplaceField(json, "rules", Yaml("rbac", "rules", fullname));
                break;
            case "PrometheusRule":
                ReplaceField(json, "spec", [.. Existing("alerts.yaml").Select(path => (Name(path), (JsonNode?)Repository.ReadYaml(path)))]);
                break;
            case "ConfigMap" when json["data"] is JsonObject data:
                foreach (var path in Directory.Exists(Path.Combine(Files, "dashboards")) ? Directory.GetFiles(Path.Combine(Files, "dashboards"), "*.json") : [])
                    ReplaceField(data, Path.GetFileName(path), [(Name(path), JsonValue.Create(File.ReadAllText(path).TrimEnd('\n')))]);
                break;
        }
        return json;
    }

    private static void ReplaceField(JsonObject json, string field, IEnumerable<(string File, JsonNode? Content)> files)
    {
        if (json[field] is not { } value)
            return;
        // A block scalar of YAML ends in one newline, whatever the file has.
        var compared = value is JsonValue text && text.TryGetValue<string>(out var content) ? JsonValue.Create(content.TrimEnd('\n')) : value;
        foreach (var (file, expected) in files)
        {
            if (JsonNode.DeepEquals(compared, expected))
            {
                json[field] = file;
                return;
            }
        }
    }

    private static IEnumerable<(string File, JsonNode? Content)> Yaml(string folder, string field, string fullname) =>
        Directory.GetFiles(Path.Combine(Files, folder), "*.yaml").Order(StringComparer.Ordinal)
            .Select(path => (Name(path), Repository.ReadDocuments(Named(path, fullname), path)[0][field]));

    /// <summary>The webhook's objects have the release's name; the lease has its own in every release.</summary>
    private static string Named(string path, string fullname) => !Path.GetFileName(path).StartsWith("webhook", StringComparison.Ordinal)
        ? File.ReadAllText(path)
        : File.ReadAllText(path)
            .Replace("- gpustack-operator-webhook-cert\n", $"- {fullname}-webhook-cert\n", StringComparison.Ordinal)
            .Replace("- gpustack-operator\n", $"- {fullname}\n", StringComparison.Ordinal);

    private static IEnumerable<string> Existing(string name) => File.Exists(Path.Combine(Files, name)) ? [Path.Combine(Files, name)] : [];

    private static string Name(string path) => $"as {Path.GetRelativePath(Repository.Chart, path)} says";
}
