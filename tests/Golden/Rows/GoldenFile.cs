using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Golden.Rows;

/// <summary>
/// Reads a CSV of llama-server's own reports: one line per device and configuration (column <c>row</c> groups them), the
/// host as its <c>Host</c> and <c>CPU_REPACK</c> lines together.
/// </summary>
internal static class GoldenFile
{
    public static IReadOnlyList<GoldenConfiguration> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        if (lines.Length < 2)
        {
            throw new IOException($"{path}: holds no rows; a header line and one line per device are expected.");
        }

        string[] columns = Fields(lines[0]);
        var groups = new Dictionary<string, List<Dictionary<string, string>>>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (string line in lines.AsSpan(1))
        {
            if (line.Length == 0)
            {
                continue;
            }

            string[] fields = Fields(line);
            if (fields.Length != columns.Length)
            {
                throw new IOException($"{path}: the line '{line}' has {fields.Length} fields, where the header names {columns.Length}.");
            }

            var record = new Dictionary<string, string>(StringComparer.Ordinal);
            for (int i = 0; i < columns.Length; i++)
            {
                record[columns[i]] = fields[i];
            }

            string key = $"{record["row"]}/{record["model"]}";
            if (!groups.TryGetValue(key, out List<Dictionary<string, string>>? group))
            {
                groups[key] = group = [];
                order.Add(key);
            }

            group.Add(record);
        }

        return [.. order.Select(key => Configuration(groups[key]))];
    }

    private static GoldenConfiguration Configuration(List<Dictionary<string, string>> lines)
    {
        Dictionary<string, string> first = lines[0];
        string parallel = first["n_parallel"];
        int requests = int.Parse(parallel.StartsWith("auto(", StringComparison.Ordinal) ? parallel[5..^1] : parallel, CultureInfo.InvariantCulture);
        ImmutableArray<GoldenDevice>.Builder devices = ImmutableArray.CreateBuilder<GoldenDevice>();
        double model = 0, context = 0, compute = 0;
        foreach (Dictionary<string, string> line in lines)
        {
            var device = new GoldenDevice(line["device"], line["layers"], Number(line["model_mib"]), Number(line["context_mib"]),
                Number(line["compute_exact_mib"].Length > 0 ? line["compute_exact_mib"] : line["compute_mib"]));
            if (device.Name is "Host" or "CPU_REPACK")
            {
                model += device.Model;
                context += device.Context;
                compute += device.Compute;
            }
            else
            {
                devices.Add(device);
            }
        }

        devices.Add(new GoldenDevice("Host", "", model, context, compute));
        return new GoldenConfiguration
        {
            Row = first["row"],
            Model = first["model"],
            Options = new LlamaCppOptions
            {
                ContextLength = new Tokens(long.Parse(first["n_ctx"], CultureInfo.InvariantCulture) / requests),
                ParallelRequests = requests,
                UnifiedKvCache = first["kv_unified"] == "true",
                KeyType = CacheType(first["ctk"]),
                ValueType = CacheType(first["ctv"]),
                FlashAttention = first["flash_attn"] != "off",
                MicroBatch = int.Parse(first["n_ubatch"], CultureInfo.InvariantCulture),
                FullSlidingWindow = first.GetValueOrDefault("swa_full") == "true",
            },
            GpuLayers = int.Parse(first["ngl"], CultureInfo.InvariantCulture),
            TensorSplit = [.. first["tensor_split"].Split(',').Select(part => float.Parse(part, CultureInfo.InvariantCulture))],
            Devices = devices.ToImmutable(),
        };
    }

    private static double Number(string text) => text.Length == 0 ? 0 : double.Parse(text, CultureInfo.InvariantCulture);

    private static KvCacheType CacheType(string name) =>
        KvCacheTypes.TryParse(name, out KvCacheType type) ? type : throw new IOException($"'{name}' is no cache type.");

    private static string[] Fields(string line)
    {
        var fields = new List<string>();
        bool quoted = false;
        var field = new System.Text.StringBuilder();
        foreach (char character in line)
        {
            if (character == '"')
            {
                quoted = !quoted;
            }
            else if (character == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(character);
            }
        }

        fields.Add(field.ToString());
        return [.. fields];
    }
}
