using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>Reads answers of hubs and registries. What has another type than expected counts as absent.</summary>
internal static class HubJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    /// <exception cref="ByteRangeException">It is no JSON.</exception>
    public static JsonDocument Parse(string name, byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException exception)
        {
            throw new ByteRangeException($"{name}: the answer is no JSON that a hub would send; check the hub's address.", exception);
        }
    }

    /// <exception cref="ByteRangeException">It is no list.</exception>
    public static JsonElement.ArrayEnumerator Items(string name, JsonElement list) => list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray()
        : throw new ByteRangeException($"{name}: the answer lists no files; check the hub's address.");

    public static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member) ? member : null;

    public static string? Text(JsonElement element, string name)
    {
        if (Member(element, name) is not { ValueKind: JsonValueKind.String } member)
        {
            return null;
        }

        try
        {
            return member.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    /// <summary>A digest of so many hexadecimal digits, in lower case.</summary>
    public static string? Digest(JsonElement element, string name, int digits) =>
        Text(element, name) is { } text && text.Length == digits && ModelLocation.IsHexadecimal(text) ? text.ToLowerInvariant() : null;

    public static long? Size(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt64(out long size) && size >= 0 ? size : null;
}
