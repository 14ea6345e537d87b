using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities.Generation;

/// <summary>The API reference, made from the schema of the CRD.</summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
public static class ApiReference
{
    /// <summary>Path of the committed file, from the repository's root.</summary>
    public const string CommittedPath = "docs/guides/api-reference.md";

    /// <summary>The command that writes the committed files anew.</summary>
    public const string Command = "dotnet run --project src/Operator -- generate reference --out .";

    /// <summary>The reference as Markdown: one line a field, by its path.</summary>
    public static string GenerateMarkdown()
    {
        var version = CustomResourceDefinitionGenerator.Generate(typeof(ModelDeployment))["spec"]!["versions"]![0]!;
        var schema = version["schema"]!["openAPIV3Schema"]!.AsObject();
        var text = new StringBuilder();
        text.Append("# API reference: ModelDeployment\n\n");
        text.Append("<!-- Generated from src/Entities/V1Alpha1. Write it anew with: ").Append(Command).Append(" -->\n\n");
        text.Append("`apiVersion: inference.gpustack.io/v1alpha1`, `kind: ModelDeployment`. ").Append(schema["description"]!.GetValue<string>()).Append("\n\n");
        foreach (var part in (string[])["spec", "status"])
        {
            text.Append(CultureInfo.InvariantCulture, $"## {part}\n\n| Field | Type | Default | Meaning |\n|---|---|---|---|\n");
            Rows(text, part, schema["properties"]![part]!.AsObject());
            text.Append('\n');
        }
        text.Append("## Rules\n\nThe API server refuses what breaks one of these:\n\n");
        Rules(text, "", schema);
        return text.ToString();
    }

    private static void Rows(StringBuilder text, string path, JsonObject schema)
    {
        if (schema["properties"] is not JsonObject properties) return;
        var required = schema["required"]?.AsArray().Select(name => name!.GetValue<string>()).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (name, node) in properties)
        {
            var field = node!.AsObject();
            var item = field["items"] as JsonObject;
            var fieldPath = $"{path}.{name}{(item is null ? "" : "[]")}";
            var standard = field["default"]?.ToJsonString() ?? (required.Contains(name) ? "**required**" : "");
            text.Append(CultureInfo.InvariantCulture, $"| `{fieldPath}` | {TypeOf(field)} | {Cell(standard)} | {Cell(field["description"]?.GetValue<string>() ?? "")} |\n");
            Rows(text, fieldPath, item ?? field);
        }
    }

    private static void Rules(StringBuilder text, string path, JsonObject schema)
    {
        foreach (var rule in schema["x-kubernetes-validations"]?.AsArray() ?? [])
            text.Append(CultureInfo.InvariantCulture, $"- {(path.Length == 0 ? "the object" : $"`{path}`")}: {rule!["message"]!.GetValue<string>()}\n");
        if (schema["items"] is JsonObject item) Rules(text, path + "[]", item);
        foreach (var (name, node) in schema["properties"]?.AsObject() ?? [])
            Rules(text, path.Length == 0 ? name : $"{path}.{name}", node!.AsObject());
    }

    private static string TypeOf(JsonObject field)
    {
        if (field["x-kubernetes-int-or-string"] is not null) return "quantity or number";
        if (field["enum"] is JsonArray values) return string.Join(", ", values.Select(value => $"`{value!.GetValue<string>()}`"));
        if (field["items"] is JsonObject item) return $"list of {TypeOf(item)}";
        if (field["additionalProperties"] is JsonObject value) return $"map to {TypeOf(value)}";
        return field["type"]?.GetValue<string>() ?? "";
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
