using System.Globalization;
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
        foreach (var field in Identity)
        {
            var kept = current.Metadata[field];
            if (JsonNode.DeepEquals(metadata[field], kept))
                continue;
            metadata.Remove(field);
            if (kept is not null)
                metadata[field] = kept.DeepClone();
        }
    }

    /// <summary>Generation counts changes of what a controller has to act on: neither metadata nor a status kept apart.</summary>
    public static void CountGeneration(StoredObject current, JsonObject next)
    {
        if (current.Definition.TracksGeneration && DiffersInContent(current, next))
            IncrementGeneration((JsonObject)next["metadata"]!);
    }

    public static void IncrementGeneration(JsonObject metadata)
    {
        if (metadata["generation"].AsLong() is { } generation)
            metadata["generation"] = generation + 1;
    }

    private static bool DiffersInContent(StoredObject current, JsonObject next)
    {
        foreach (var (key, value) in next)
        {
            if (IsContent(current.Definition, key) && !current.IsSame(key, value))
                return true;
        }

        return current.Body.Any(field => IsContent(current.Definition, field.Key) && !next.ContainsKey(field.Key));
    }

    private static bool IsContent(ResourceDefinition definition, string key) => key switch
    {
        "apiVersion" or "kind" or "metadata" => false,
        "status" => !definition.HasStatus,
        _ => true,
    };

    private static void PrepareNamespace(JsonObject body, JsonObject metadata)
    {
        if (metadata["labels"] is not JsonObject labels)
            metadata["labels"] = labels = [];
        labels["kubernetes.io/metadata.name"] = (string)metadata["name"]!;
        body["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        body["status"] = new JsonObject { ["phase"] = "Active" };
    }
}
