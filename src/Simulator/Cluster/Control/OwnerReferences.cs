using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>Reads and writes <c>metadata.ownerReferences</c>.</summary>
internal static class OwnerReferences
{
    public static JsonElement.ArrayEnumerator Of(StoredObject stored) => stored.Content.At("metadata", "ownerReferences").Items();

    /// <summary>The managing controller's reference; undefined when there is none.</summary>
    public static JsonElement Controller(StoredObject stored) => Of(stored).FirstOrDefault(owner => owner.At("controller").ValueKind == JsonValueKind.True);

    public static JsonObject To(StoredObject owner) => new()
    {
        ["apiVersion"] = owner.Definition.ApiVersion,
        ["kind"] = owner.Definition.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };
}
