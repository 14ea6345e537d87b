using System.Collections.Immutable;
using System.Text.Json;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Products;

/// <summary>Reads <c>{"products":[{"vendor","name","aliases","memoryMiB","bandwidthGBs","computeCapability","peerToPeer","nvlink","source"}]}</c>.</summary>
internal static class ProductTableReader
{
    private static readonly JsonDocumentOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static ImmutableArray<GpuProduct> Read(string json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json, s_options);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("products", out var list)
                || list.ValueKind != JsonValueKind.Array)
                throw new FormatException($"{source}: expected an object with a list \"products\".");
            var products = ImmutableArray.CreateBuilder<GpuProduct>();
            foreach (var entry in list.EnumerateArray())
                products.Add(ReadEntry(entry, $"{source}: products[{products.Count}]"));
            return products.ToImmutable();
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{source}: not valid JSON at line {exception.LineNumber + 1}.", exception);
        }
    }

    private static GpuProduct ReadEntry(JsonElement entry, string where)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{where}: expected an object.");
        return new GpuProduct
        {
            Vendor = Text(entry, "vendor", where) ?? throw new FormatException($"{where}.vendor: missing."),
            Name = Text(entry, "name", where) ?? throw new FormatException($"{where}.name: missing."),
            Aliases = Aliases(entry, where),
            Memory = Bytes.FromMiB(Number(entry, "memoryMiB", where)),
            BandwidthGBs = Number(entry, "bandwidthGBs", where),
            ComputeCapability = ComputeCapability.Parse(Text(entry, "computeCapability", where)),
            PeerToPeer = Flag(entry, "peerToPeer", where),
            NvLink = Flag(entry, "nvlink", where),
            Source = Text(entry, "source", where) ?? "",
        };
    }

    private static ImmutableArray<string> Aliases(JsonElement entry, string where)
    {
        if (!entry.TryGetProperty("aliases", out var list))
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(a => a.ValueKind != JsonValueKind.String))
            throw new FormatException($"{where}.aliases: expected a list of strings.");
        return [.. list.EnumerateArray().Select(a => a.GetString()!)];
    }

    private static string? Text(JsonElement entry, string field, string where) =>
        !entry.TryGetProperty(field, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new FormatException($"{where}.{field}: expected a string.");

    private static int Number(JsonElement entry, string field, string where) =>
        !entry.TryGetProperty(field, out var value) ? 0
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number is >= 0 and <= 16 * 1024 * 1024 ? number
        : throw new FormatException($"{where}.{field}: expected a whole number between 0 and 16777216.");

    private static bool Flag(JsonElement entry, string field, string where) =>
        entry.TryGetProperty(field, out var value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new FormatException($"{where}.{field}: expected true or false."),
        };
}
