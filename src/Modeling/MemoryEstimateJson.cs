using System.Text.Json.Nodes;

namespace GpuStack.Modeling;

/// <summary>The JSON of an estimate, as <c>estimate</c> and <c>plan</c> print it: bytes are integers, the host has neither index nor layers of its own.</summary>
public static class MemoryEstimateJson
{
    /// <summary>Makes the object.</summary>
    public static JsonObject ToJson(MemoryEstimate estimate)
    {
        var devices = new JsonArray();
        foreach (DeviceMemory device in estimate.Devices)
        {
            devices.Add((JsonNode)ToJson(device));
        }

        var json = new JsonObject
        {
            ["model"] = estimate.Model,
            ["architecture"] = estimate.Architecture,
            ["layers"] = estimate.Layers,
            ["parameters"] = estimate.Parameters,
            ["weightBytes"] = estimate.Weight.Value,
            ["kvCacheBytes"] = estimate.KvCache.Value,
            ["devices"] = devices,
            ["totalBytes"] = estimate.Total.Value,
        };
        if (estimate.UpperBound)
        {
            json["upperBound"] = true;
        }

        return json;
    }

    private static JsonObject ToJson(DeviceMemory device) => new()
    {
        ["kind"] = Name(device.Kind),
        ["index"] = device.Index,
        ["layers"] = device is { FirstLayer: int first, LastLayer: int last } ? new JsonArray(first, last) : null,
        ["weightBytes"] = device.Weight.Value,
        ["kvCacheBytes"] = device.KvCache.Value,
        ["computeBytes"] = device.Compute.Value,
        ["overheadBytes"] = device.Overhead.Value,
        ["totalBytes"] = device.Total.Value,
    };

    /// <summary>The name of a kind of device in JSON and tables.</summary>
    public static string Name(DeviceKind kind) => kind switch
    {
        DeviceKind.Rpc => "rpc",
        DeviceKind.Gpu => "gpu",
        _ => "host",
    };
}
