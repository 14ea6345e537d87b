using System.Text.Json;
using GpuStack.Modeling;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// HAMi's node annotation: <c>uuid,split count,memory MiB,cores,type,NUMA,health</c> per GPU, joined by colons, or a JSON
/// array of objects in newer versions. One unit of the node's resource is then one of <see cref="Split"/> shares of a GPU.
/// </summary>
internal sealed record HamiRegistration(Bytes Memory, int Split, string Product)
{
    public const string Annotation = "hami.io/node-nvidia-register";

    private const int MaxLength = 64 * 1024;

    /// <summary>Reads the annotation; the smallest memory and the largest split count of the healthy GPUs stand for all.</summary>
    public static HamiRegistration? Parse(string? value)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > MaxLength)
            return null;
        var gpus = value.AsSpan().TrimStart().StartsWith("[") ? ParseJson(value) : ParseText(value);
        if (gpus.Count == 0)
            return null;
        return new HamiRegistration(
            new Bytes(gpus.Min(g => g.Memory.Value)), gpus.Max(g => g.Split), gpus.Select(g => g.Product).Min(StringComparer.Ordinal)!);
    }

    private static List<HamiRegistration> ParseText(string value)
    {
        var gpus = new List<HamiRegistration>();
        foreach (var entry in value.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = entry.Split(',');
            if (fields.Length >= 5 && (fields.Length < 7 || fields[6] != "false"))
                Add(gpus, fields[2], fields[1], fields[4]);
        }

        return gpus;
    }

    private static List<HamiRegistration> ParseJson(string value)
    {
        var gpus = new List<HamiRegistration>();
        try
        {
            using var document = JsonDocument.Parse(value);
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                if (entry.ValueKind != JsonValueKind.Object
                    || (entry.TryGetProperty("health", out var health) && health.ValueKind == JsonValueKind.False))
                    continue;
                Add(gpus, Raw(entry, "devmem"), Raw(entry, "count"), Raw(entry, "type"));
            }
        }
        catch (JsonException)
        {
            return [];
        }

        return gpus;
    }

    private static string Raw(JsonElement entry, string field) => entry.TryGetProperty(field, out var value) ? value.ToString() : "";

    private static void Add(List<HamiRegistration> gpus, string memory, string split, string product)
    {
        if (LabelValues.MiB(memory) is { } bytes && LabelValues.Count(split) is { } count)
            gpus.Add(new HamiRegistration(bytes, count, LabelValues.Text(product)));
    }
}
