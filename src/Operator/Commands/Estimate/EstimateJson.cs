using System.Collections.Immutable;
using System.Text.Json.Nodes;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.LlamaCpp.Fits;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>The JSON of <c>estimate</c>: the estimate's own object, and what fits beside it where the devices' memory was given.</summary>
internal static class EstimateJson
{
    public static JsonObject Of(LlamaCppReport report)
    {
        JsonObject json = MemoryEstimateJson.ToJson(report.Estimate);
        if (report.Fits is not bool fits)
        {
            return json;
        }

        var answer = new JsonObject
        {
            ["fits"] = fits,
            ["gpuMemoryBytes"] = new JsonArray([.. report.Request.Memory.Select(memory => (JsonNode?)memory.Value)]),
            ["reserveBytes"] = report.Request.Reserve.Value,
            ["largestContext"] = report.Largest?.Context.Value,
            ["largestContextIsModels"] = report.Largest?.LimitedByModel ?? false,
            ["largestContextSplit"] = Layers(report.Largest?.Split),
        };
        if (report.Layers is { } layers)
        {
            answer["gpuLayers"] = layers.Layers;
            answer["gpuLayersSplit"] = Layers(layers.Split);
        }

        answer["quantizations"] = Quantizations(report.Quantizations);
        answer["bestQuantization"] = report.Quantizations.FirstOrDefault(one => one.Fits)?.Type.ToString();
        answer["smallestQuantization"] = report.Quantizations.Where(one => one.Fits).MinBy(one => one.Weight.Value)?.Type.ToString();
        if (!report.Files.IsEmpty)
        {
            answer["files"] = Files(report.Files);
            answer["bestFile"] = report.Files.FirstOrDefault(file => file.Fits)?.Path;
            answer["smallestFile"] = report.Files.LastOrDefault(file => file.Fits)?.Path;
        }

        json["fits"] = answer;
        return json;
    }

    public static JsonObject Of(ServingReport report)
    {
        JsonObject json = MemoryEstimateJson.ToJson(report.Estimate.Memory);
        json["engine"] = report.Engine;
        json["engineVersion"] = report.Version.ToString();
        json["gpuMemoryBytes"] = report.Memory.Value;
        if (report.MemoryIsAssumed)
        {
            json["gpuMemoryAssumed"] = true;
            return json;
        }

        json["kvCacheTokens"] = report.Estimate.CacheTokens.Value;
        json["kvCachePoolBytes"] = new JsonArray([.. report.Estimate.CachePools.Select(pool => (JsonNode?)pool.Value)]);
        json["largestContext"] = report.Estimate.LargestContext.Value;
        json["maxConcurrency"] = double.IsFinite(report.Estimate.MaxConcurrency) ? Math.Round(report.Estimate.MaxConcurrency, 3) : null;
        var fits = new JsonObject { ["fits"] = report.Estimate.Fits };
        if (report.Estimate.Reason is { } reason)
        {
            fits["reason"] = reason;
        }

        json["fits"] = fits;
        return json;
    }

    private static JsonArray? Layers(DeviceSplit? split) => split is null ? null : [.. split.LayersPerDevice.Select(layers => (JsonNode?)layers)];

    /// <summary>Sizes are approximations: published files may mix types otherwise.</summary>
    private static JsonArray Quantizations(ImmutableArray<QuantizationFit> quantizations) =>
    [
        .. quantizations.Select(JsonNode (one) => new JsonObject
        {
            ["quantization"] = one.Type.ToString(),
            ["weightBytes"] = one.Weight.Value,
            ["fits"] = one.Fits,
            ["approximate"] = true,
        }),
    ];

    private static JsonArray Files(ImmutableArray<FileFit> files) =>
    [
        .. files.Select(JsonNode (file) => new JsonObject
        {
            ["file"] = file.Path,
            ["quantization"] = file.Quantization,
            ["sizeBytes"] = file.Size.Value,
            ["fits"] = file.Fits,
            ["approximate"] = true,
        }),
    ];
}
