using System.Text.Json.Nodes;

namespace GpuStack.Simulator.ApiServer.Registry;

/// <summary>Turns the stored form of an object into a served version and back.</summary>
internal interface IShapeConversion
{
    /// <summary>The served form; <paramref name="stored"/> is a copy that may be taken apart.</summary>
    JsonObject ToServed(JsonObject stored);

    /// <summary>The stored form; <paramref name="served"/> may be taken apart.</summary>
    JsonObject ToStored(JsonObject served);
}
