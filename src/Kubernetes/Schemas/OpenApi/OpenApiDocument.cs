using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Schemas.OpenApi;

/// <summary>
/// Writes the OpenAPI v3 document of a group version, enough for kubectl: explain finds a kind by the
/// x-kubernetes-group-version-kind of its path's GET, apply looks for fieldValidation and dryRun in its PATCH.
/// </summary>
public static class OpenApiDocument
{
    /// <summary>The document served at <c>/openapi/v3/apis/GROUP/VERSION</c>.</summary>
    /// <param name="resources">The custom resources of one group version with their <c>openAPIV3Schema</c>.</param>
    public static JsonObject Create(IReadOnlyList<(CustomResourceKind Kind, JsonObject OpenApiV3Schema)> resources)
    {
        var paths = new JsonObject();
        var schemas = OpenApiMetaSchemas.Create();
        foreach (var (kind, schema) in resources)
        {
            OpenApiPaths.Add(paths, kind);
            schemas[OpenApiPaths.SchemaName(kind, kind.Kind)] = ResourceSchema(kind, schema);
            schemas[OpenApiPaths.SchemaName(kind, kind.ListKind)] = ListSchema(kind);
        }
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes CRD Swagger", ["version"] = "v0.1.0" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject ResourceSchema(CustomResourceKind kind, JsonObject openApiV3Schema)
    {
        var schema = openApiV3Schema.DeepClone().AsObject();
        if (schema["properties"] is not JsonObject properties)
            schema["properties"] = properties = [];
        AddObjectFields(properties, "ObjectMeta");
        schema["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiPaths.GroupVersionKind(kind, kind.Kind));
        return schema;
    }

    private static JsonObject ListSchema(CustomResourceKind kind)
    {
        var properties = new JsonObject
        {
            ["items"] = new JsonObject
            {
                ["type"] = "array",
                ["description"] = $"List of {kind.Plural}.",
                ["items"] = new JsonObject { ["$ref"] = OpenApiPaths.Reference(OpenApiPaths.SchemaName(kind, kind.Kind)) },
            },
        };
        AddObjectFields(properties, "ListMeta");
        return new JsonObject
        {
            ["description"] = $"{kind.ListKind} is a list of {kind.Kind}",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = properties,
            ["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiPaths.GroupVersionKind(kind, kind.ListKind)),
        };
    }

    private static void AddObjectFields(JsonObject properties, string meta)
    {
        properties["apiVersion"] = OpenApiMetaSchemas.Text("The version of the schema of this object, as GROUP/VERSION.");
        properties["kind"] = OpenApiMetaSchemas.Text("The kind of this object.");
        properties["metadata"] = new JsonObject
        {
            ["description"] = "Standard metadata.",
            ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = OpenApiPaths.Reference(OpenApiMetaSchemas.Prefix + meta) }),
        };
    }
}
