using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Schemas.OpenApi;

/// <summary>The paths of a custom resource with their operations.</summary>
internal static class OpenApiPaths
{
    private static readonly string[] PatchTypes =
        ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];

    /// <summary>The reversed group, the version and the kind: <c>io.example.v1.Widget</c>.</summary>
    public static string SchemaName(CustomResourceKind kind, string name) =>
        $"{string.Join('.', kind.Group.Split('.').Reverse())}.{kind.Version}.{name}";

    public static string Reference(string schema) => $"#/components/schemas/{schema}";

    public static JsonNode GroupVersionKind(CustomResourceKind kind, string name) => new JsonObject
    {
        ["group"] = kind.Group,
        ["version"] = kind.Version,
        ["kind"] = name,
    };

    public static void Add(JsonObject paths, CustomResourceKind kind)
    {
        var root = $"/apis/{kind.Group}/{kind.Version}";
        var collection = kind.Namespaced ? $"{root}/namespaces/{{namespace}}/{kind.Plural}" : $"{root}/{kind.Plural}";
        var parameters = kind.Namespaced ? new[] { "namespace" } : [];
        if (kind.Namespaced)
            paths[$"{root}/{kind.Plural}"] = Item([], ("get", Operation(kind, "list", kind.ListKind)));
        paths[collection] = Item(parameters, ("get", Operation(kind, "list", kind.ListKind)), ("post", Operation(kind, "post", kind.Kind)),
            ("delete", Operation(kind, "deletecollection", "Status")));
        var name = parameters.Append("name").ToArray();
        paths[$"{collection}/{{name}}"] = Item(name, ("get", Operation(kind, "get", kind.Kind)), ("put", Operation(kind, "put", kind.Kind)),
            ("patch", Operation(kind, "patch", kind.Kind)), ("delete", Operation(kind, "delete", "Status")));
        if (kind.HasStatus)
        {
            paths[$"{collection}/{{name}}/status"] = Item(name, ("get", Operation(kind, "get", kind.Kind)),
                ("put", Operation(kind, "put", kind.Kind)), ("patch", Operation(kind, "patch", kind.Kind)));
        }
    }

    private static JsonObject Item(string[] parameters, params (string Method, JsonObject Operation)[] operations)
    {
        var item = new JsonObject();
        foreach (var (method, operation) in operations)
            item[method] = operation;
        item["parameters"] = new JsonArray([.. parameters.Select(p => Parameter(p, "path", "string"))]);
        return item;
    }

    private static JsonObject Operation(CustomResourceKind kind, string action, string result)
    {
        var schema = result == "Status" ? OpenApiMetaSchemas.Prefix + "Status" : SchemaName(kind, result);
        var operation = new JsonObject
        {
            ["tags"] = new JsonArray($"{kind.Group}_{kind.Version}"),
            ["description"] = $"{action} {kind.Kind}",
            ["parameters"] = new JsonArray([.. Query(action)]),
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "OK", ["content"] = Content(["application/json", "application/yaml"], schema) },
                ["401"] = new JsonObject { ["description"] = "Unauthorized" },
            },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = GroupVersionKind(kind, kind.Kind),
        };
        if (action is "post" or "put")
            operation["requestBody"] = Body(["application/json", "application/yaml"], SchemaName(kind, kind.Kind));
        else if (action == "patch")
            operation["requestBody"] = Body(PatchTypes, OpenApiMetaSchemas.Prefix + "Patch");
        return operation;
    }

    private static JsonObject Body(string[] types, string schema) =>
        new() { ["content"] = Content(types, schema), ["required"] = true };

    private static JsonObject Content(string[] types, string schema)
    {
        var content = new JsonObject();
        foreach (var type in types)
            content[type] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = Reference(schema) } };
        return content;
    }

    private static IEnumerable<JsonNode> Query(string action)
    {
        yield return Parameter("pretty", "query", "string");
        if (action is not ("post" or "put" or "patch"))
            yield break;
        yield return Parameter("dryRun", "query", "string");
        yield return Parameter("fieldManager", "query", "string");
        yield return Parameter("fieldValidation", "query", "string");
        if (action == "patch")
            yield return Parameter("force", "query", "boolean");
    }

    private static JsonObject Parameter(string name, string place, string type)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place };
        if (place == "path")
            parameter["required"] = true;
        parameter["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true };
        return parameter;
    }
}
