using System.Collections.Frozen;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.CustomResources;

/// <summary>Reads the merge and ownership shape of a custom resource out of its schema.</summary>
internal static class CustomShape
{
    public static FieldShape Of(JsonObject? schema)
    {
        var root = schema is null ? new FieldShape { Kind = ShapeKind.Object } : Read(schema);
        var fields = new Dictionary<string, FieldShape>(root.Fields, StringComparer.Ordinal) { ["metadata"] = TypeLibrary.All["ObjectMeta"] };
        return new FieldShape { Kind = ShapeKind.Object, Fields = fields.ToFrozenDictionary(), Element = root.Element };
    }

    private static FieldShape Read(JsonObject schema)
    {
        if (schema["x-kubernetes-int-or-string"].AsBool() == true)
            return new FieldShape { Kind = ShapeKind.IntOrString };
        return schema["type"].AsText() switch
        {
            "object" => Object(schema),
            "array" => List(schema),
            "string" => new FieldShape { Kind = ShapeKind.String },
            "integer" => new FieldShape { Kind = ShapeKind.Integer, Bits = schema["format"].AsText() == "int32" ? 32 : 64 },
            "number" => new FieldShape { Kind = ShapeKind.Number },
            "boolean" => new FieldShape { Kind = ShapeKind.Boolean },
            _ => FieldShape.Any,
        };
    }

    private static FieldShape Object(JsonObject schema)
    {
        var fields = new Dictionary<string, FieldShape>(StringComparer.Ordinal);
        foreach (var (name, value) in schema["properties"] as JsonObject ?? [])
        {
            if (value is JsonObject property)
                fields[name] = Read(property);
        }

        return new FieldShape
        {
            Kind = ShapeKind.Object,
            Fields = fields.ToFrozenDictionary(),
            Element = schema["additionalProperties"] is JsonObject element ? Read(element) : null,
            Atomic = schema["x-kubernetes-map-type"].AsText() == "atomic",
        };
    }

    private static FieldShape List(JsonObject schema)
    {
        var item = schema["items"] as JsonObject;
        return new FieldShape
        {
            Kind = ShapeKind.List,
            Element = item is null ? FieldShape.Any : Read(item),
            Merge = schema["x-kubernetes-list-type"].AsText() switch { "map" => ListMerge.Map, "set" => ListMerge.Set, _ => ListMerge.Atomic },
            Keys = [.. (schema["x-kubernetes-list-map-keys"] as JsonArray ?? []).Select(key => new ListKey(
                key.AsText() ?? "", item?["properties"]?[key.AsText() ?? ""]?["default"]?.DeepClone() as JsonValue))],
        };
    }
}
