using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Storage;

/// <summary>
/// Reads a node's value whether it was parsed or built: <see cref="JsonNode.GetValue{T}"/> throws for a number that was built as
/// another numeric type.
/// </summary>
public static class JsonReading
{
    /// <summary>The integer, or null when the node is missing or is none.</summary>
    public static long? AsLong(this JsonNode? node)
    {
        if (node is not JsonValue value)
            return null;
        if (value.TryGetValue(out long number))
            return number;
        if (value.TryGetValue(out int small))
            return small;
        if (value.TryGetValue(out JsonElement element))
            return element.AsLong();
        return value.TryGetValue(out double real) && Math.Abs(real) < 1L << 53 && Math.Floor(real) == real ? (long)real : null;
    }

    /// <summary>What is at a path of an object; undefined when nothing is.</summary>
    internal static JsonElement At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return default;
        }
        return element;
    }

    /// <summary>The text of what is at a path of an object; empty when nothing is.</summary>
    internal static ReadOnlySpan<byte> RawAt(JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: not JsonValueKind.Undefined } found ? JsonMarshal.GetRawUtf8Value(found) : default;

    /// <summary>Whether it is this text.</summary>
    internal static bool Is(this JsonElement element, string text) => element.ValueKind == JsonValueKind.String && element.ValueEquals(text);

    /// <summary>The items of a list; none when it is no list.</summary>
    internal static JsonElement.ArrayEnumerator Items(this JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : default;

    /// <summary>The integer, or null when it is none.</summary>
    internal static long? AsLong(this JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) ? number : null;

    /// <summary>The text, or null when it is none.</summary>
    internal static string? AsText(this JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    /// <summary>The text, or null when the node is missing or is none.</summary>
    public static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The boolean, or null when the node is missing or is none.</summary>
    public static bool? AsBool(this JsonNode? node) => node is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;
}
