using System.Text;
using System.Text.Json.Nodes;

namespace GpuStack.Charts.Tests.Documents;

/// <summary>The README's table is what <c>values.yaml</c> says, and the schema knows the same values.</summary>
public sealed class ChartReadmeTests
{
    private const string Start = "<!-- values: generated from values.yaml by ChartReadmeTests, GPUSTACK_REGENERATE=1 -->\n";
    private const string End = "<!-- /values -->";

    private static readonly string Readme = Path.Combine(Repository.Chart, "README.md");
    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Chart, "values.schema.json")))!.AsObject();

    [Fact]
    public async Task The_table_is_what_the_values_say()
    {
        var text = await File.ReadAllTextAsync(Readme, TestContext.Current.CancellationToken);
        var start = text.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= Start.Length && end >= start, "README.md has no place for the table");
        if (Repository.Regenerate)
            await File.WriteAllTextAsync(Readme, text[..start] + Table() + text[end..], TestContext.Current.CancellationToken);

        text = await File.ReadAllTextAsync(Readme, TestContext.Current.CancellationToken);
        Assert.Equal(Table(), text[start..text.IndexOf(End, StringComparison.Ordinal)]);
    }

    [Fact]
    public void Every_value_is_described() => Assert.Empty(ValuesFile.Read().Where(value => value.Description.Length == 0).Select(value => value.Path));

    [Fact]
    public void The_schema_knows_the_values_and_no_others()
    {
        var values = ValuesFile.Read().Select(value => value.Path).ToList();
        var known = Paths(Schema, "").ToList();

        Assert.Empty(values.Except(known));
        Assert.Empty(known.Except(known.Where(path => IsOptional(path) || values.Exists(value => value == path
            // Below a value as a whole, or above values.
            || path.StartsWith($"{value}.", StringComparison.Ordinal) || value.StartsWith($"{path}.", StringComparison.Ordinal)))));
    }

    /// <summary>Without this, a misspelt value would be passed over.</summary>
    [Fact]
    public void Objects_of_the_schema_are_closed_where_they_list_their_fields()
    {
        var open = Objects(Schema, "").Where(one => one.Node["properties"] is not null && (bool?)one.Node["additionalProperties"] is not false).Select(one => one.Path);

        // A parent chart's own values are global too; the others are Kubernetes' own objects.
        Assert.Equal(["global", "imagePullSecrets[]", "gpuProducts[]", "topologySpreadConstraints[]", "extraVolumes[]", "extraVolumeMounts[]"], open);
    }

    private static string Table()
    {
        var table = new StringBuilder("| Value | Default | What it is |\n|---|---|---|\n");
        foreach (var value in ValuesFile.Read())
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{value.Path}` | `{value.Default}` | {value.Description.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        return table.ToString();
    }

    /// <summary>An issuer's fields are given together or not at all.</summary>
    private static bool IsOptional(string path) => path.Contains(".issuerRef.", StringComparison.Ordinal);

    private static IEnumerable<string> Paths(JsonObject schema, string path) => (Resolved(schema)["properties"] as JsonObject ?? [])
        .SelectMany(property => new[] { Join(path, property.Key) }.Concat(Paths(property.Value!.AsObject(), Join(path, property.Key))));

    private static IEnumerable<(string Path, JsonObject Node)> Objects(JsonObject schema, string path)
    {
        var node = Resolved(schema);
        yield return (path, node);
        foreach (var (key, value) in node["properties"] as JsonObject ?? [])
        {
            foreach (var below in Objects(value!.AsObject(), Join(path, key)))
                yield return below;
        }
        if (node["items"] is JsonObject items)
        {
            foreach (var below in Objects(items, $"{path}[]"))
                yield return below;
        }
    }

    private static JsonObject Resolved(JsonObject schema) =>
        (string?)schema["$ref"] is { } reference ? Schema["$defs"]![reference[(reference.LastIndexOf('/') + 1)..]]!.AsObject() : schema;

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
