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

    /// <summary>The object as JSON.</summary>
    public static ReadOnlyMemory<byte> Utf8(ApiResource resource, StoredObject stored) => resource.Conversion is null
        ? stored.Utf8
        : System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Body(resource, stored), JsonText.Options);
}
