using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Writing;

/// <summary>Stored objects in the version that a client asked for.</summary>
internal static class ServedObject
{
    /// <summary>The object; read only.</summary>
    public static JsonObject Body(ApiResource resource, StoredObject stored) =>
        resource.Conversion is null ? stored.Body : stored.View(item => resource.Conversion.ToServed(item.ToMutable()));

    /// <summary>A copy that the caller may change.</summary>
    public static JsonObject Mutable(ApiResource resource, StoredObject stored) =>
        resource.Conversion is null ? stored.ToMutable() : (JsonObject)Body(resource, stored).DeepClone();

    /// <summary>
    /// Writes the object as an item of a list: items of built-in kinds do not state kind and version, which the list does. Stored
    /// objects begin with the two, so that the stored bytes after them are the item.
    /// </summary>
    public static int WriteItem(IBufferWriter<byte> writer, ApiResource resource, StoredObject stored)
    {
        var bytes = Utf8(resource, stored);
        var head = $"{{\"apiVersion\":\"{resource.GroupVersion}\",\"kind\":\"{resource.Kind}\",";
        if (resource.IsCustom)
        {
            writer.Write(bytes);
        }
        else if (bytes.StartsWith(Encoding.UTF8.GetBytes(head)))
        {
            writer.Write("{"u8);
            writer.Write(bytes[head.Length..]);
        }
        else
        {
            var body = Mutable(resource, stored);
            body.Remove("apiVersion");
            body.Remove("kind");
            writer.Write(JsonText.ToUtf8(body));
        }

        return bytes.Length;
    }

    /// <summary>The object as JSON.</summary>
    public static ReadOnlySpan<byte> Utf8(ApiResource resource, StoredObject stored) => resource.Conversion is null
        ? stored.Utf8
        : JsonText.ToUtf8(Body(resource, stored));
}
