using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>One step of a field path in its text form.</summary>
internal static class PathElement
{
    public static string Field(string name) => "f:" + name;

    /// <summary>A member of a set.</summary>
    public static string Value(JsonNode? value) => "v:" + (value?.ToJsonString(JsonText.Options) ?? "null");

    /// <summary>An item of a list map, or null when a key is missing that has no default.</summary>
    public static string? Key(JsonNode? item, IReadOnlyList<ListKey> keys)
    {
        if (item is not JsonObject fields)
            return null;
        var key = new JsonObject();
        foreach (var (name, missing) in keys.OrderBy(key => key.Name, StringComparer.Ordinal))
        {
            var value = fields[name] ?? missing;
            if (value is null)
                return null;
            key[name] = value.DeepClone();
        }

        return "k:" + key.ToJsonString(JsonText.Options);
    }

    public static string ToText(string element)
    {
        if (element.StartsWith("f:", StringComparison.Ordinal))
            return "." + element[2..];
        if (element.StartsWith("v:", StringComparison.Ordinal))
            return $"[={element[2..]}]";
        var key = JsonNode.Parse(element[2..]) as JsonObject ?? [];
        return $"[{string.Join(",", key.Select(pair => $"{pair.Key}={pair.Value?.ToJsonString(JsonText.Options)}"))}]";
    }
}
