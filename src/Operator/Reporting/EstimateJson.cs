using System.Text.Json.Nodes;
using GpuStack.Modeling;

namespace GpuStack.Operator.Reporting;

/// <summary>A memory estimate as <c>estimate --output json</c> prints it, and as plans contain it. Bytes are integers.</summary>
internal static class EstimateJson
{
    public static JsonObject Of(MemoryEstimate estimate) => new()
    {
        ["model"] = estimate.Model,
        ["architecture"] = estimate.Architecture,
        ["layers"] = estimate.Layers,
        ["parameters"] = estimate.Parameters,
        ["weightBytes"] = estimate.Weight.Value,
        ["kvCacheBytes"] = estimate.KvCache.Value,
        ["devices"] = new JsonArray([.. estimate.Devices.Select(Device)]),
        ["totalBytes"] = estimate.Total.Value,
    };

    private static JsonNode Device(DeviceMemory device)
    {
        var json = new JsonObject { ["kind"] = device.Kind switch { DeviceKind.Rpc => "rpc", DeviceKind.Gpu => "gpu", _ => "host" } };
        if (device.Index is { } index)
            json["index"] = index;
        json["layers"] = device is { FirstLayer: { } first, LastLayer: { } last } ? new JsonArray(first, last) : [];
        json["weightBytes"] = device.Weight.Value;
        json["kvCacheBytes"] = device.KvCache.Value;
        json["computeBytes"] = device.Compute.Value;
        json["overheadBytes"] = device.Overhead.Value;
        json["totalBytes"] = device.Total.Value;
        return json;
    }
}
