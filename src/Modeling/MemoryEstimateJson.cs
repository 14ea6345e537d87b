using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace GpuStack.Modeling;

/// <summary>The JSON of an estimate, as <c>estimate</c> and <c>plan</c> print it: bytes are integers, the host has no index, and <c>layers</c> is null where there are none.</summary>
public static class MemoryEstimateJson
{
    /// <summary>Makes the object.</summary>
    public static JsonObject ToJson(MemoryEstimate estimate)
    {
        var json = new JsonObject
        {
            ["model"] = estimate.Model,
            ["architecture"] = estimate.Architecture,
            ["layers"] = estimate.Layers,
            ["parameters"] = estimate.Parameters,
            ["weightBytes"] = estimate.Weight.Value,
            ["kvCacheBytes"] = estimate.KvCache.Value,
            ["devices"] = ToJson(estimate.Devices),
            ["totalBytes"] = estimate.Total.Value,
        };
        if (estimate.UpperBound)
        {
            json["upperBound"] = true;
        }

        if (!estimate.Parts.IsEmpty)
        {
            var parts = new JsonArray();
            foreach (MemoryPart part in estimate.Parts)
            {
                parts.Add((JsonNode)ToJson(part));
            }

            json["parts"] = parts;
        }

        return json;
    }

    /// <summary>The name of a part in JSON and tables.</summary>
    public static string Name(MemoryPartKind kind) => kind switch
    {
        MemoryPartKind.Projector => "projector",
        MemoryPartKind.Draft => "draft",
        _ => "model",
    };

    private static JsonObject ToJson(MemoryPart part)
    {
        var json = new JsonObject
        {
            ["part"] = Name(part.Kind),
            ["model"] = part.Name,
            ["architecture"] = part.Architecture,
            ["devices"] = ToJson(part.Devices),
            ["totalBytes"] = part.Total.Value,
        };
        if (part.UpperBound)
        {
            json["upperBound"] = true;
        }

        return json;
    }

    private static JsonArray ToJson(ImmutableArray<DeviceMemory> devices)
    {
        var json = new JsonArray();
        foreach (DeviceMemory device in devices)
        {
            json.Add((JsonNode)ToJson(device));
        }

        return json;
    }

    private static JsonObject ToJson(DeviceMemory device)
    {
        var json = new JsonObject { ["kind"] = Name(device.Kind) };
        if (device.Index is int index)
        {
            json["index"] = index;
        }

        json["layers"] = device is { FirstLayer: int first, LastLayer: int last } ? new JsonArray(first, last) : null;
        json["weightBytes"] = device.Weight.Value;
        json["kvCacheBytes"] = device.KvCache.Value;
        json["computeBytes"] = device.Compute.Value;
        json["overheadBytes"] = device.Overhead.Value;
        json["totalBytes"] = device.Total.Value;
        return json;
    }

    /// <summary>The name of a kind of device in JSON and tables.</summary>
    public static string Name(DeviceKind kind) => kind switch
    {
        DeviceKind.Rpc => "rpc",
        DeviceKind.Gpu => "gpu",
        _ => "host",
    };
}
