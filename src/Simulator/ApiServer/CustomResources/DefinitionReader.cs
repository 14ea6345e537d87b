using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Tables;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.CustomResources;

/// <summary>Makes the served resources of a CustomResourceDefinition, and names what is wrong with it.</summary>
internal static class DefinitionReader
{
    public static IReadOnlyList<ApiResource> Read(JsonObject body, List<FieldProblem> problems)
    {
        if (body["spec"] is not JsonObject spec || spec["names"] is not JsonObject names || spec["versions"] is not JsonArray versions)
            return [];
        var group = spec["group"].AsText() ?? "";
        var plural = names["plural"].AsText() ?? "";
        CheckNames(body, group, plural, spec, problems);
        var storage = versions.OfType<JsonObject>().Where(version => version["storage"].AsBool() == true).ToList();
        if (storage.Count != 1)
            problems.Add(FieldProblem.Invalid("spec.versions", "[]", "must have exactly one version marked as storage version"));
        if (problems.Count > 0)
            return [];
        var resources = new List<ApiResource>();
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i] is not JsonObject version)
                continue;
            var resource = ReadVersion(spec, names, version, storage[0], $"spec.versions[{i}]", problems);
            if (resource is not null && version["served"].AsBool() == true)
                resources.Add(resource);
        }

        return problems.Count > 0 ? [] : resources;
    }

    private static ApiResource? ReadVersion(
        JsonObject spec, JsonObject names, JsonObject version, JsonObject storage, string path, List<FieldProblem> problems)
    {
        var schemaJson = version["schema"]?["openAPIV3Schema"] as JsonObject;
        if (schemaJson is null)
        {
            problems.Add(FieldProblem.Required($"{path}.schema.openAPIV3Schema", "schemas are required"));
            return null;
        }

        StructuralSchema schema;
        try
        {
            schema = StructuralSchema.Parse(schemaJson);
        }
        catch (SchemaException refused)
        {
            var field = $"{path}.schema.{refused.Path}";
            problems.Add(FieldProblem.Invalid(field, "\"\"", refused.Problem));
            return null;
        }

        var group = spec["group"].AsText()!;
        var name = version["name"].AsText() ?? "";
        var kind = names["kind"].AsText() ?? "";
        var hasStatus = version["subresources"]?["status"] is not null;
        var scale = ReadScale(version["subresources"]?["scale"] as JsonObject);
        var key = new ResourceKey(group, names["plural"].AsText()!);
        var definition = new ResourceDefinition(key, $"{group}/{storage["name"].AsText()}", kind, spec["scope"].AsText() == "Namespaced")
        {
            HasStatus = storage["subresources"]?["status"] is not null,
            TracksGeneration = true,
        };
        return new ApiResource
        {
            Definition = definition,
            Group = group,
            Version = name,
            Plural = key.Resource,
            Singular = names["singular"].AsText() ?? "",
            Kind = kind,
            ListKind = names["listKind"].AsText() ?? kind + "List",
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            Shape = CustomShape.Of(schemaJson),
            Rules = new CustomRules(schema, kind, name, hasStatus, scale),
            Table = ReadTable(version, path, problems),
            Verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
            Scale = scale,
            Conversion = ReferenceEquals(version, storage) ? null : new VersionConversion($"{group}/{name}", definition.ApiVersion),
            SelectableFields = [.. (version["selectableFields"] as JsonArray ?? []).Select(field => field?["jsonPath"].AsText()?.TrimStart('.') ?? "")],
            IsCustom = true,
            Schema = schemaJson,
        };
    }

    private static TableLayout ReadTable(JsonObject version, string path, List<FieldProblem> problems)
    {
        try
        {
            return CustomTable.Of(version["additionalPrinterColumns"] as JsonArray);
        }
        catch (FormatException unreadable)
        {
            problems.Add(FieldProblem.Invalid($"{path}.additionalPrinterColumns", "\"\"", unreadable.Message));
            return TableLayout.Plain;
        }
    }

    private static ScalePaths? ReadScale(JsonObject? scale)
    {
        if (scale is null)
            return null;
        return new ScalePaths(
            Split(scale["specReplicasPath"].AsText()) ?? ["spec", "replicas"],
            Split(scale["statusReplicasPath"].AsText()) ?? ["status", "replicas"],
            Split(scale["labelSelectorPath"].AsText()));

        static string[]? Split(string? path) => path?.Split('.', StringSplitOptions.RemoveEmptyEntries);
    }

    private static void CheckNames(JsonObject body, string group, string plural, JsonObject spec, List<FieldProblem> problems)
    {
        var name = body["metadata"]?["name"].AsText() ?? "";
        if (!string.Equals(name, $"{plural}.{group}", StringComparison.Ordinal))
            problems.Add(FieldProblem.Invalid("metadata.name", $"\"{name}\"", "must be spec.names.plural+\".\"+spec.group"));
        if (spec["scope"].AsText() is var scope and not ("Namespaced" or "Cluster"))
            problems.Add(FieldProblem.NotSupported("spec.scope", scope ?? "", "Cluster", "Namespaced"));
        if (spec["conversion"]?["strategy"].AsText() == "Webhook")
            problems.Add(FieldProblem.Invalid("spec.conversion.strategy", "\"Webhook\"", "the simulated cluster does not call conversion webhooks"));
    }

    private static string[] Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => item.AsText() ?? "")];
}
