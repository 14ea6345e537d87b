using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Serving;

namespace GpuStack.Simulator.ApiServer.OpenApi;

/// <summary>The paths of a resource in its OpenAPI document.</summary>
internal static class OpenApiPaths
{
    public static IEnumerable<(string Path, JsonObject Operations)> Of(ApiResource resource, string schema)
    {
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.Group}/{resource.Version}";
        var collection = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Plural}" : $"{root}/{resource.Plural}";
        yield return (collection, new JsonObject
        {
            ["get"] = Operation(resource, "list", schema, null, "limit", "continue", "labelSelector", "fieldSelector", "watch", "resourceVersion"),
            ["post"] = Operation(resource, "post", schema, ["application/json"], "dryRun", "fieldManager", "fieldValidation"),
        });
        yield return ($"{collection}/{{name}}", new JsonObject
        {
            ["get"] = Operation(resource, "get", schema, null),
            ["put"] = Operation(resource, "put", schema, ["application/json"], "dryRun", "fieldManager", "fieldValidation"),
            ["patch"] = Operation(
                resource, "patch", schema,
                [WriteHandler.JsonPatchType, WriteHandler.MergePatchType, WriteHandler.StrategicPatchType, WriteHandler.ApplyPatchType],
                "dryRun", "fieldManager", "fieldValidation", "force"),
            ["delete"] = Operation(resource, "delete", schema, ["application/json"], "dryRun", "gracePeriodSeconds", "propagationPolicy"),
        });
    }

    private static JsonObject Operation(ApiResource resource, string action, string schema, string[]? bodies, params string[] parameters)
    {
        var operation = new JsonObject
        {
            ["parameters"] = new JsonArray([.. parameters.Select(name => (JsonNode)new JsonObject
            {
                ["name"] = name,
                ["in"] = "query",
                ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
            })]),
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "OK", ["content"] = Content(["application/json"], schema) },
            },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = BuiltInOpenApi.GroupVersionKind(resource),
        };
        if (bodies is not null)
            operation["requestBody"] = new JsonObject { ["content"] = Content(bodies, schema) };
        return operation;
    }

    private static JsonObject Content(string[] types, string schema) => new(types.Select(type => KeyValuePair.Create(
        type, (JsonNode?)new JsonObject { ["schema"] = new JsonObject { ["$ref"] = schema } })));
}
