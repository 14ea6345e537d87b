using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Types;

namespace GpuStack.Simulator.ApiServer.OpenApi;

/// <summary>
/// The OpenAPI document of a built-in group version, from the type library: enough for kubectl's validation, its merge patches and
/// <c>explain</c>. Paths carry what kubectl looks for: the kinds, and the query parameters that the server understands.
/// </summary>
internal static class BuiltInOpenApi
{
    private const string Prefix = "#/components/schemas/";

    public static JsonObject Create(IReadOnlyList<ApiResource> resources)
    {
        var schemas = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var paths = new JsonObject();
        foreach (var resource in resources)
        {
            var name = Name(resource.Group, resource.Version, resource.Shape.TypeName!);
            var schema = AddType(resource.Shape, name, resource, schemas);
            schema["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(resource));
            foreach (var (path, operations) in OpenApiPaths.Of(resource, Prefix + name))
                paths[path] = operations;
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "simulated" },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(schemas.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value))),
            },
        };
    }

    public static JsonObject GroupVersionKind(ApiResource resource) =>
        new() { ["group"] = resource.Group, ["kind"] = resource.Kind, ["version"] = resource.Version };

    private static JsonObject AddType(FieldShape type, string name, ApiResource resource, SortedDictionary<string, JsonObject> schemas)
    {
        if (schemas.TryGetValue(name, out var known))
            return known;
        var properties = new JsonObject();
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        schemas.Add(name, schema);
        if (type.Required.Count > 0)
            schema["required"] = new JsonArray([.. type.Required.Order(StringComparer.Ordinal).Select(field => (JsonNode)field)]);
        if (type.Atomic)
            schema["x-kubernetes-map-type"] = "atomic";
        foreach (var (field, shape) in type.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
            properties[field] = Property(shape, resource, schemas);
        return schema;
    }

    private static JsonObject Property(FieldShape shape, ApiResource resource, SortedDictionary<string, JsonObject> schemas)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Object:
                var name = Name(resource.Group, resource.Version, shape.TypeName!);
                AddType(shape, name, resource, schemas);
                return new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = Prefix + name }) };
            case ShapeKind.Map:
                var map = new JsonObject { ["type"] = "object", ["additionalProperties"] = Property(shape.Element!, resource, schemas) };
                if (shape.Atomic)
                    map["x-kubernetes-map-type"] = "atomic";
                return map;
            case ShapeKind.List:
                return List(shape, resource, schemas);
            case ShapeKind.Integer:
                return new JsonObject { ["type"] = "integer", ["format"] = shape.Bits == 32 ? "int32" : "int64" };
            case ShapeKind.Boolean:
                return new JsonObject { ["type"] = "boolean" };
            case ShapeKind.Number:
                return new JsonObject { ["type"] = "number" };
            case ShapeKind.Quantity:
                return new JsonObject { ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" }) };
            case ShapeKind.IntOrString:
                return new JsonObject
                {
                    ["format"] = "int-or-string",
                    ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
                };
            case ShapeKind.Time or ShapeKind.MicroTime:
                return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
            case ShapeKind.Bytes:
                return new JsonObject { ["type"] = "string", ["format"] = "byte" };
            case ShapeKind.String:
                return new JsonObject { ["type"] = "string" };
            default:
                return new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        }
    }

    private static JsonObject List(FieldShape shape, ApiResource resource, SortedDictionary<string, JsonObject> schemas)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = Property(shape.Element!, resource, schemas) };
        switch (shape.Merge)
        {
            case ListMerge.Map:
                list["x-kubernetes-list-type"] = "map";
                list["x-kubernetes-list-map-keys"] = new JsonArray([.. shape.Keys.Select(key => (JsonNode)key.Name)]);
                list["x-kubernetes-patch-strategy"] = "merge";
                list["x-kubernetes-patch-merge-key"] = shape.Keys[0].Name;
                break;
            case ListMerge.Set:
                list["x-kubernetes-list-type"] = "set";
                list["x-kubernetes-patch-strategy"] = "merge";
                break;
            default:
                list["x-kubernetes-list-type"] = "atomic";
                break;
        }

        return list;
    }

    private static string Name(string group, string version, string type) =>
        $"io.k8s.api.{(group.Length == 0 ? "core" : group.Split('.')[0])}.{version}.{type[(type.LastIndexOf('.') + 1)..]}";
}
