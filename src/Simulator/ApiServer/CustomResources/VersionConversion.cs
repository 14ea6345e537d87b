using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;

namespace GpuStack.Simulator.ApiServer.CustomResources;

/// <summary>Conversion strategy None: versions differ in <c>apiVersion</c> alone.</summary>
internal sealed class VersionConversion(string served, string storage) : IShapeConversion
{
    public JsonObject ToServed(JsonObject stored)
    {
        stored["apiVersion"] = served;
        return stored;
    }

    public JsonObject ToStored(JsonObject body)
    {
        body["apiVersion"] = storage;
        return body;
    }
}
