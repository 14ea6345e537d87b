using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Golden.Rows;
using GpuStack.Modeling;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;

namespace GpuStack.Benchmarks.Accuracy;

/// <summary>Estimates against what llama-server reported: per part and per device, in MiB and per cent.</summary>
internal sealed class AccuracyBenchmark : IBenchmark
{
    private const string Host = "host";
    private const string Device = "device";

    public string Name => "accuracy";

    public string Usage => "estimates against llama-server's reports: --golden FILE.csv --models DIR [--dump FILE.csv]";

    public async Task<IReadOnlyDictionary<string, double>> RunAsync(
        BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        IReadOnlyList<GoldenConfiguration> golden = GoldenFile.Read(arguments.Required("golden"));
        string directory = arguments.Required("models");
        var models = new Dictionary<string, LlamaCppModel>(StringComparer.Ordinal);
        var comparisons = new List<Comparison>();
        int mappedElsewhere = 0;
        foreach (GoldenConfiguration configuration in golden)
        {
            if (!models.TryGetValue(configuration.Model, out LlamaCppModel? model))
            {
                models[configuration.Model] = model = await ReadAsync(Path.Combine(directory, configuration.Model + ".gguf"), cancellationToken);
            }

            MemoryEstimate estimate = configuration.Estimate(model);
            mappedElsewhere += Compare(configuration, estimate, comparisons);
        }

        if (arguments.Optional("dump") is { } dump)
        {
            await DumpAsync(dump, comparisons, cancellationToken);
        }

        var figures = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["configurations"] = golden.Count,
            ["models"] = models.Count,
            ["devicesWithOtherLayers"] = mappedElsewhere,
        };
        foreach (string where in (string[])[Device, Host])
        {
            foreach (string part in (string[])["weights", "kvCache", "compute", "total"])
            {
                Summarize(figures, comparisons, where, part);
            }
        }

        details.WriteLine("Worst totals:");
        foreach (Comparison worst in comparisons.Where(c => c.Part == "total" && c.Device != Host).OrderByDescending(c => Math.Abs(c.Percent)).Take(5))
        {
            details.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {worst.Percent,7:+0.00;-0.00} %  {worst.Predicted,10:0.0} for {worst.Reported,10:0.0} MiB  {worst.Device}  {worst.Configuration.Describe()}"));
        }

        return figures;
    }

    private static async Task<LlamaCppModel> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using FileByteRangeSource source = FileByteRangeSource.Open(path);
            return LlamaCppModel.FromGguf(await GgufReader.ReadAsync(source, cancellationToken: cancellationToken));
        }
        catch (Exception exception) when (exception is ByteRangeException or GgufFormatException)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private static int Compare(GoldenConfiguration configuration, MemoryEstimate estimate, List<Comparison> comparisons)
    {
        int mappedElsewhere = 0;
        for (int i = 0; i < configuration.Devices.Length; i++)
        {
            GoldenDevice reported = configuration.Devices[i];
            DeviceMemory predicted = estimate.Devices[i];
            string name = predicted.Kind == DeviceKind.Host ? Host : reported.Name;
            if (reported.Layers.Length > 0 && reported.Layers != $"{predicted.FirstLayer}-{predicted.LastLayer}")
            {
                mappedElsewhere++;
            }

            comparisons.Add(new(configuration, name, "weights", predicted.Weight.MiB, reported.Model));
            comparisons.Add(new(configuration, name, "kvCache", predicted.KvCache.MiB, reported.Context));
            comparisons.Add(new(configuration, name, "compute", predicted.Compute.MiB, reported.Compute));
            comparisons.Add(new(configuration, name, "total", (predicted.Total - predicted.Overhead).MiB, reported.Total));
        }

        return mappedElsewhere;
    }

    private static void Summarize(Dictionary<string, double> figures, List<Comparison> comparisons, string where, string part)
    {
        ImmutableArray<Comparison> chosen = [.. comparisons.Where(c => c.Part == part && (c.Device == Host) == (where == Host))];
        double[] absolute = [.. chosen.Select(c => Math.Abs(c.Difference)).Order()];
        figures[$"{where}.{part}.medianMiB"] = At(absolute, 0.5);
        figures[$"{where}.{part}.p95MiB"] = At(absolute, 0.95);
        figures[$"{where}.{part}.worstMiB"] = At(absolute, 1);
        if (part is "compute" or "total")
        {
            double[] percent = [.. chosen.Select(c => Math.Abs(c.Percent)).Order()];
            figures[$"{where}.{part}.medianPercent"] = At(percent, 0.5);
            figures[$"{where}.{part}.p95Percent"] = At(percent, 0.95);
            figures[$"{where}.{part}.worstUnderPercent"] = chosen.Min(c => c.Percent);
            figures[$"{where}.{part}.worstOverPercent"] = chosen.Max(c => c.Percent);
        }
    }

    private static double At(double[] sorted, double quantile) =>
        sorted.Length == 0 ? 0 : sorted[(int)Math.Ceiling(quantile * (sorted.Length - 1))];

    private static Task DumpAsync(string path, List<Comparison> comparisons, CancellationToken cancellationToken) =>
        File.WriteAllLinesAsync(
            path,
            comparisons.Select(c => string.Create(CultureInfo.InvariantCulture,
                $"{c.Configuration.Row},{c.Configuration.Model},{c.Device},{c.Part},{c.Predicted:0.00},{c.Reported:0.00},\"{c.Configuration.Describe()}\"")),
            cancellationToken);
}
