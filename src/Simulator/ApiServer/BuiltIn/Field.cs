using System.Text.Json.Nodes;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>Short forms for setting defaults.</summary>
internal static class Field
{
    /// <summary>Sets a field that is missing.</summary>
    public static void Default(this JsonObject body, string name, JsonNode value)
    {
        if (body[name] is null)
            body[name] = value;
    }

    /// <summary>The object in a field, made when it is missing.</summary>
    public static JsonObject Child(this JsonObject body, string name)
    {
        if (body[name] is not JsonObject child)
            body[name] = child = [];
        return child;
    }

    /// <summary>The objects in a list field.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonNode? body, string name) =>
        (body as JsonObject)?[name] is JsonArray list ? list.OfType<JsonObject>() : [];
}
