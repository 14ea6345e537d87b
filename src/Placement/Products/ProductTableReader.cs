using System.Collections.Immutable;
using System.Text.Json;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Products;

/// <summary>
/// Reads <c>{"products":[{"vendor","name","aliases","memoryMiB","bandwidthGBs","tensorTflops","computeCapability","peerToPeer","nvlink",
/// "nvlinkGBs","nvlinkBridge","source"}]}</c>. Vendor and name must be there; what else is missing is unknown. Every field that is there is
/// checked, and a field that does not exist is refused: a misspelt one would be unknown silently.
/// </summary>
internal static class ProductTableReader
{
    private const int MaxCharacters = 1 << 20;
    private const int MaxProducts = 4096;
    private const int MaxAliases = 16;
    private const int MaxText = 256;
    private const int MaxMiB = 16 << 20;
    private const int MaxRate = 100_000;

    private static readonly string[] s_fields =
    [
        "vendor", "name", "aliases", "memoryMiB", "bandwidthGBs", "tensorTflops", "computeCapability", "peerToPeer", "nvlink", "nvlinkGBs",
        "nvlinkBridge", "source",
    ];

    private static readonly JsonDocumentOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static ImmutableArray<GpuProduct> Read(string json, string source)
    {
        if (json.Length > MaxCharacters)
            throw new FormatException($"{source}: {json.Length} characters; a product table has at most {MaxCharacters}.");
        try
        {
            using var document = JsonDocument.Parse(json, s_options);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("products", out var list)
                || list.ValueKind != JsonValueKind.Array)
                throw new FormatException($"{source}: expected an object with a list \"products\".");
            if (list.GetArrayLength() > MaxProducts)
                throw new FormatException($"{source}: products has {list.GetArrayLength()} entries; at most {MaxProducts} are read.");
            var products = ImmutableArray.CreateBuilder<GpuProduct>();
            var names = new Dictionary<string, GpuProduct>(StringComparer.Ordinal);
            foreach (var element in list.EnumerateArray())
            {
                var where = $"{source}: products[{products.Count}]";
                var product = ReadEntry(element, where);
                Claim(product, where, names);
                products.Add(product);
            }

            return products.ToImmutable();
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{source}: not valid JSON at line {exception.LineNumber + 1}.", exception);
        }
    }

    /// <summary>Each name belongs to one entry of a document.</summary>
    private static void Claim(GpuProduct product, string where, Dictionary<string, GpuProduct> names)
    {
        foreach (var name in product.Aliases.Prepend(product.Name))
        {
            var words = ProductName.Key(name);
            if (words.Length == 0)
                throw new FormatException($"{where}: '{name}' names no product; a name has a word besides brands.");
            var key = product.Vendor + "/" + words;
            if (!names.TryAdd(key, product) && !ReferenceEquals(names[key], product))
                throw new FormatException($"{where}: '{name}' names the entry of {names[key].Name} already; a name belongs to one entry.");
        }
    }

    private static GpuProduct ReadEntry(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{where}: expected an object.");
        foreach (var property in element.EnumerateObject())
        {
            if (!s_fields.Contains(property.Name, StringComparer.Ordinal))
                throw new FormatException($"{where}: the field \"{Shown(property.Name)}\" is unknown; expected {string.Join(", ", s_fields)}.");
        }

        var entry = new ProductEntry(element, where);
        var nvlink = entry.Flag("nvlink");
        var product = new GpuProduct
        {
            Vendor = entry.Text("vendor", MaxText) ?? throw entry.Refuse("vendor", "missing"),
            Name = entry.Text("name", MaxText) ?? throw entry.Refuse("name", "missing"),
            Aliases = entry.Texts("aliases", MaxAliases, MaxText),
            Memory = Bytes.FromMiB(entry.Whole("memoryMiB", MaxMiB)),
            BandwidthGBs = entry.Whole("bandwidthGBs", MaxRate),
            TensorTflops = entry.Number("tensorTflops", MaxRate),
            ComputeCapability = Capability(entry),
            PeerToPeer = entry.Flag("peerToPeer"),
            NvLink = nvlink,
            NvLinkGBs = entry.Whole("nvlinkGBs", MaxRate),
            NvLinkBridge = entry.Flag("nvlinkBridge"),
            Source = entry.Text("source", MaxText) ?? "",
        };
        return nvlink || (product.NvLinkGBs == 0 && !product.NvLinkBridge)
            ? product
            : throw entry.Refuse("nvlink", "expected true where nvlinkGBs or nvlinkBridge is given");
    }

    private static ComputeCapability? Capability(ProductEntry entry) =>
        entry.Text("computeCapability", MaxText) is not { } text ? null
        : ComputeCapability.Parse(text) ?? throw entry.Refuse("computeCapability", "expected a number such as 8.9");

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
