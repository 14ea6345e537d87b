using System.Globalization;
using GpuStack.Golden.Rows;
using GpuStack.Golden.Shapes;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Modeling.Tests.LlamaCpp;

/// <summary>
/// Estimates against what llama-server (0.7.0, build 11669) itself reported, for every architecture of <c>cases/golden</c>: headers
/// are made of the shape files, the reports are those of <c>rows.csv</c> (CONTRIBUTING.md tells how both are made).
/// </summary>
public class ArchitectureEstimateTests
{
    /// <summary>llama-server reports whole MiB, rounded down.</summary>
    private const double Rounding = 1.05;

    /// <summary>Compute buffers are reported with two decimals, and predicted to the byte.</summary>
    private const double ComputeRounding = 0.05;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases", "golden");
    private static readonly ILookup<string, GoldenConfiguration> Reports = GoldenFile.Read(Path.Combine(Folder, "rows.csv")).ToLookup(report => report.Model);

    public static TheoryData<string> Models => [.. Reports.Select(group => group.Key)];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Estimates_of_a_model_are_what_llama_server_reports(string name)
    {
        LlamaCppModel model = await ModelAsync(name);
        var misses = new List<string>();
        foreach (GoldenConfiguration report in Reports[name])
        {
            foreach ((GoldenDevice reported, DeviceMemory predicted) in report.Devices.Zip(report.Estimate(model).Devices, (device, memory) => (device, memory)))
            {
                misses.AddRange(Misses(reported, predicted).Select(miss => $"{report.Describe()}: {reported.Name}: {miss}"));
            }
        }

        Assert.True(misses.Count == 0, string.Join('\n', misses));
    }

    [Fact]
    public async Task Nineteen_of_twenty_device_totals_are_within_half_a_percent()
    {
        var errors = new List<double>();
        foreach (IGrouping<string, GoldenConfiguration> reports in Reports)
        {
            LlamaCppModel model = await ModelAsync(reports.Key);
            errors.AddRange(reports.SelectMany(report => report.Devices.SkipLast(1).Zip(report.Estimate(model).Devices, Error)));
        }

        errors.Sort();
        Assert.InRange(errors[(int)(0.95 * errors.Count)], 0, 0.005);

        static double Error(GoldenDevice reported, DeviceMemory predicted) =>
            reported.Total == 0 ? 0 : Math.Abs((predicted.Total - predicted.Overhead).MiB - reported.Total) / reported.Total;
    }

    [Fact]
    public void Every_shape_has_reports_and_every_report_its_shape()
    {
        string[] shapes = [.. Directory.GetFiles(Path.Combine(Folder, "shapes"), "*.json").Select(path => Path.GetFileNameWithoutExtension(path))];

        Assert.Equal(shapes.Order(StringComparer.Ordinal), Reports.Select(group => group.Key).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Misses(GoldenDevice reported, DeviceMemory predicted)
    {
        bool host = predicted.Kind == DeviceKind.Host;
        double rounding = host ? 2 * Rounding : Rounding;
        double weights = predicted.Weight.MiB - reported.Model;
        double cache = predicted.KvCache.MiB - reported.Context;
        double compute = predicted.Compute.MiB - reported.Compute;
        if (weights is < -0.05 || weights > rounding)
        {
            yield return Off("weights", weights, reported.Model);
        }

        if (cache is < -0.05 || cache > rounding)
        {
            yield return Off("cache", cache, reported.Context);
        }

        if (Math.Abs(compute) > ComputeRounding)
        {
            yield return Off("compute", compute, reported.Compute);
        }

        string layers = string.Create(CultureInfo.InvariantCulture, $"{predicted.FirstLayer}-{predicted.LastLayer}");
        if (!host && reported.Layers.Length > 0 && reported.Layers != layers)
        {
            yield return $"layers {layers} where llama-server places {reported.Layers}";
        }
    }

    private static string Off(string part, double difference, double reported) =>
        string.Create(CultureInfo.InvariantCulture, $"{part} {difference:+0.0;-0.0} MiB of {reported:0.0}");

    private static async Task<LlamaCppModel> ModelAsync(string name)
    {
        (byte[] header, _) = ShapeHeader.Make(ModelShape.Read(Path.Combine(Folder, "shapes", name + ".json")), vocabulary: false);
        return LlamaCppModel.FromGguf(await GgufReader.ReadAsync(new BytesSource(header), cancellationToken: TestContext.Current.CancellationToken));
    }
}
