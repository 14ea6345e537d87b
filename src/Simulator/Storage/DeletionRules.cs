using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Storage;

/// <summary>When an object goes, and what it looks like while it waits.</summary>
internal static class DeletionRules
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";
    private const long DefaultGraceSeconds = 30;

    public static void CheckPreconditions(StoredObject current, StoreDeleteOptions options)
    {
        var definition = current.Definition;
        // Deletion words its conflicts with the kind, updates with the resource.
        var subject = new ResourceKey(definition.Key.Group, definition.Kind);
        if (options.Uid is { } uid && !string.Equals(uid, current.Uid, StringComparison.Ordinal))
        {
            throw new StoreException(
                StoreFailure.Precondition, subject, current.Name,
                $"Operation cannot be fulfilled on {subject} \"{current.Name}\": the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated");
        }

        if (options.ResourceVersion is { } version && !string.Equals(version, (string?)current.Metadata["resourceVersion"], StringComparison.Ordinal))
        {
            throw new StoreException(
                StoreFailure.Precondition, subject, current.Name,
                $"Operation cannot be fulfilled on {subject} \"{current.Name}\": the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({current.ResourceVersion}). The object might have been modified");
        }
    }

    /// <summary>The object marked as being deleted, or null when it can go at once.</summary>
    public static JsonObject? Mark(StoredObject current, StoreDeleteOptions options, DateTimeOffset now)
    {
        var marked = current.ToMutable();
        var metadata = (JsonObject)marked["metadata"]!;
        var grace = GraceSeconds(current, options);
        SetFinalizer(metadata, ForegroundFinalizer, options.Propagation == Propagation.Foreground);
        SetFinalizer(metadata, OrphanFinalizer, options.Propagation == Propagation.Orphan);
        if (!current.IsBeingDeleted)
        {
            metadata["deletionTimestamp"] = ObjectRules.Timestamp(now.AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            ObjectRules.IncrementGeneration(metadata);
        }
        else if (grace < metadata["deletionGracePeriodSeconds"].AsLong())
        {
            metadata["deletionTimestamp"] = ObjectRules.Timestamp(now.AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
        }

        if (current.Definition.Key == BuiltInResources.Namespaces)
            marked["status"] = new JsonObject { ["phase"] = "Terminating" };
        return IsComplete(current.Definition, marked) ? null : marked;
    }

    /// <summary>Whether nothing holds an object that is being deleted any more.</summary>
    public static bool IsComplete(ResourceDefinition definition, JsonObject body)
    {
        var metadata = (JsonObject)body["metadata"]!;
        if (metadata["deletionTimestamp"] is null || metadata["finalizers"] is JsonArray { Count: > 0 })
            return false;
        if (definition.Key == BuiltInResources.Namespaces && body["spec"]?["finalizers"] is JsonArray { Count: > 0 })
            return false;
        return !definition.DeletesGracefully || metadata["deletionGracePeriodSeconds"].AsLong() is null or 0;
    }

    /// <summary>Only a pod that a kubelet runs needs time; one that never got a node, or has finished, goes at once.</summary>
    private static long GraceSeconds(StoredObject current, StoreDeleteOptions options)
    {
        if (!current.Definition.DeletesGracefully)
            return 0;
        var spec = current.Body["spec"];
        if ((string?)spec?["nodeName"] is not { Length: > 0 } || (string?)current.Body["status"]?["phase"] is "Succeeded" or "Failed")
            return 0;
        return Math.Max(0, options.GracePeriodSeconds ?? spec?["terminationGracePeriodSeconds"].AsLong() ?? DefaultGraceSeconds);
    }

    private static void SetFinalizer(JsonObject metadata, string finalizer, bool wanted)
    {
        var finalizers = metadata["finalizers"] as JsonArray;
        var index = finalizers is null ? -1 : finalizers.ToList().FindIndex(item => string.Equals((string?)item, finalizer, StringComparison.Ordinal));
        if (wanted && index < 0)
        {
            if (finalizers is null)
                metadata["finalizers"] = finalizers = [];
            finalizers.Add((JsonNode)finalizer);
        }
        else if (!wanted && index >= 0)
        {
            finalizers!.RemoveAt(index);
        }
    }
}
