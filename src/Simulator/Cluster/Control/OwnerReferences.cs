using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>Reads and writes <c>metadata.ownerReferences</c>.</summary>
internal static class OwnerReferences
{
    public static IEnumerable<JsonObject> Of(StoredObject stored) =>
        (stored.Metadata["ownerReferences"] as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>The managing controller's reference, or null.</summary>
    public static JsonObject? Controller(StoredObject stored) => Of(stored).FirstOrDefault(o => o["controller"].AsBool() == true);

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
