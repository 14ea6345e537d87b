using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Storage;

/// <summary>What the server itself keeps of every object, whoever writes it.</summary>
internal static class ObjectRules
{
    private static readonly string[] Identity =
        ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"];

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static void PrepareNew(ResourceDefinition definition, JsonObject body, string now)
    {
        if (body["metadata"] is not JsonObject metadata || (string?)metadata["name"] is not { Length: > 0 })
            throw new StoreException(StoreFailure.Invalid, definition.Key, null, "metadata.name is required to store an object");
        if (!definition.Namespaced)
            metadata.Remove("namespace");
        else if ((string?)metadata["namespace"] is not { Length: > 0 })
            throw new StoreException(StoreFailure.Invalid, definition.Key, null, "metadata.namespace is required to store a namespaced object");
        body["apiVersion"] ??= definition.ApiVersion;
        body["kind"] ??= definition.Kind;
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = now;
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("generation");
        if (definition.TracksGeneration)
            metadata["generation"] = 1L;
        if (definition.Key == BuiltInResources.Namespaces)
            PrepareNamespace(body, metadata);
    }

    public static void KeepIdentity(StoredObject current, JsonObject next)
    {
        if (next["metadata"] is not JsonObject metadata)
            next["metadata"] = metadata = [];
        var live = current.Content.GetProperty("metadata"u8);
        foreach (var field in Identity)
        {
            if (!live.TryGetProperty(field, out var kept))
                metadata.Remove(field);
            else if (!IsSame(metadata[field], kept))
                metadata[field] = JsonValue.Create(kept);
        }
    }

    /// <summary>Generation counts changes of what a controller has to act on: neither metadata nor a status kept apart.</summary>
    /// <returns>Whether <paramref name="body"/> counts one more than <paramref name="text"/>, which was made of it.</returns>
    public static bool CountGeneration(StoredObject current, ObjectText text, JsonObject body)
    {
        if (!current.Definition.TracksGeneration || !DiffersInContent(current, text.Content))
            return false;
        IncrementGeneration((JsonObject)body["metadata"]!);
        return true;
    }

    public static void IncrementGeneration(JsonObject metadata)
    {
        if (metadata["generation"].AsLong() is { } generation)
            metadata["generation"] = generation + 1;
    }

    private static bool IsSame(JsonNode? node, JsonElement kept) => kept.ValueKind switch
    {
        JsonValueKind.String => node.AsText() is { } text && kept.ValueEquals(text),
        JsonValueKind.Number => node.AsLong() is { } number && number == kept.AsLong(),
        _ => false,
    };

    private static bool DiffersInContent(StoredObject current, JsonElement next)
    {
        var count = 0;
        foreach (var field in next.EnumerateObject())
        {
            if (!IsContent(current.Definition, field))
                continue;
            count++;
            if (!current.Content.TryGetProperty(JsonMarshal.GetRawUtf8PropertyName(field), out var live) || !IsSame(live, field.Value))
                return true;
        }
        // What is there is the same; fields may be missing.
        return current.Content.EnumerateObject().Count(field => IsContent(current.Definition, field)) != count;
    }

    private static bool IsSame(JsonElement one, JsonElement other) =>
        JsonMarshal.GetRawUtf8Value(one).SequenceEqual(JsonMarshal.GetRawUtf8Value(other)) || JsonElement.DeepEquals(one, other);

    private static bool IsContent(ResourceDefinition definition, JsonProperty field) =>
        !field.NameEquals("apiVersion"u8) && !field.NameEquals("kind"u8) && !field.NameEquals("metadata"u8)
        && (!definition.HasStatus || !field.NameEquals("status"u8));

    private static void PrepareNamespace(JsonObject body, JsonObject metadata)
    {
        if (metadata["labels"] is not JsonObject labels)
            metadata["labels"] = labels = [];
        labels["kubernetes.io/metadata.name"] = (string)metadata["name"]!;
        body["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        body["status"] = new JsonObject { ["phase"] = "Active" };
    }
}
