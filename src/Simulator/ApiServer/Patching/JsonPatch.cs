using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Patching;

/// <summary>JSON patch (RFC 6902).</summary>
internal static class JsonPatch
{
    /// <summary>Applies the operations and returns the result; <paramref name="target"/> may be changed.</summary>
    /// <exception cref="ApiException">400 for a malformed patch, 422 for one that does not fit the object.</exception>
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        JsonNode root = target;
        foreach (var node in operations)
        {
            if (node is not JsonObject operation || operation["op"].AsText() is not { } op || operation["path"].AsText() is not { } path)
                throw ApiException.BadRequest("error decoding patch: every operation needs op and path");
            root = Run(root, op, Pointer(path), operation);
        }

        return root as JsonObject ?? throw ApiException.PatchRejected();
    }

    private static JsonNode Run(JsonNode root, string op, string[] path, JsonObject operation)
    {
        switch (op)
        {
            case "add":
                return Add(root, path, Value(operation));
            case "replace":
                Remove(root, path);
                return Add(root, path, Value(operation));
            case "remove":
                Remove(root, path);
                return root;
            case "test":
                if (!JsonNode.DeepEquals(Find(root, path, mustExist: false), operation["value"]))
                    throw ApiException.PatchRejected();
                return root;
            case "copy":
                return Add(root, path, Find(root, From(operation), mustExist: true)?.DeepClone());
            case "move":
                var moved = Find(root, From(operation), mustExist: true)?.DeepClone();
                Remove(root, From(operation));
                return Add(root, path, moved);
            default:
                throw ApiException.BadRequest($"error decoding patch: unknown operation \"{op}\"");
        }
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.ContainsKey("value") ? operation["value"]?.DeepClone() : throw ApiException.PatchRejected();

    private static string[] From(JsonObject operation) => Pointer(operation["from"].AsText() ?? throw ApiException.PatchRejected());

    private static string[] Pointer(string path)
    {
        if (path.Length == 0)
            return [];
        if (path[0] != '/')
            throw ApiException.PatchRejected();
        return [.. path[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Find(JsonNode root, ReadOnlySpan<string> path, bool mustExist)
    {
        JsonNode? node = root;
        foreach (var step in path)
        {
            if (node is JsonObject fields && fields.TryGetPropertyValue(step, out var child))
                node = child;
            else if (node is JsonArray list && Index(step, list.Count - 1) is { } index)
                node = list[index];
            else
                return mustExist ? throw ApiException.PatchRejected() : null;
        }

        return node;
    }

    private static JsonNode Add(JsonNode root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
            return value ?? throw ApiException.PatchRejected();
        var parent = Find(root, path.AsSpan(0, path.Length - 1), mustExist: true);
        var step = path[^1];
        if (parent is JsonObject fields)
            fields[step] = value;
        else if (parent is JsonArray list && (step == "-" ? list.Count : Index(step, list.Count)) is { } index)
            list.Insert(index, value);
        else
            throw ApiException.PatchRejected();
        return root;
    }

    private static void Remove(JsonNode root, string[] path)
    {
        if (path.Length == 0)
            return;
        var parent = Find(root, path.AsSpan(0, path.Length - 1), mustExist: true);
        if (parent is JsonObject fields && fields.Remove(path[^1]))
            return;
        if (parent is not JsonArray list || Index(path[^1], list.Count - 1) is not { } index)
            throw ApiException.PatchRejected();
        list.RemoveAt(index);
    }

    private static int? Index(string step, int last) =>
        int.TryParse(step, out var index) && index >= 0 && index <= last ? index : null;
}
