using System.Globalization;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.LlamaCpp;

/// <summary>Estimates against what llama-server (0.7.0, build 11669) itself reported for models of the samples' shapes.</summary>
public class GoldenEstimateTests
{
    /// <summary>llama-server reports whole MiB, rounded down, and the host's figures in two lines.</summary>
    private const double Rounding = 2;

    public static TheoryData<int> Cases => [.. Rows().Select(row => row.Case).Distinct()];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Estimate_is_what_llama_server_reports(int number)
    {
        Row[] rows = [.. Rows().Where(row => row.Case == number)];
        Row first = rows[0];
        LlamaCppCosts costs = LlamaCppCosts.Create(await SampleFiles.ModelAsync(first.Model + ".gguf"), first.Options);
        int layers = Math.Min(first.GpuLayers, costs.OffloadableLayers);
        MemoryEstimate estimate = costs.Estimate(new DeviceSplit { LayersPerDevice = LayerSplit.LayersPerDevice(layers, first.Split) });

        Assert.Equal(rows.Length, estimate.Devices.Length);
        foreach ((Row row, DeviceMemory device) in rows.Zip(estimate.Devices))
        {
            Assert.Equal(row.Device, device.Index?.ToString(CultureInfo.InvariantCulture) ?? "host");
            Assert.InRange(device.Weight.MiB - row.Weight, 0, Rounding);
            Assert.InRange(device.KvCache.MiB - row.Cache, 0, Rounding);
            double reported = row.Weight + row.Cache + row.Compute;
            double difference = (device.Total - device.Overhead).MiB - reported;
            Assert.InRange(difference, (-0.01 * reported) - Rounding, (0.01 * reported) + Rounding);
        }
    }

    private static IEnumerable<Row> Rows() => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "cases", "llama-server.csv")).Skip(1).Select(Row.Parse);

    private sealed record Row(
        int Case, string Model, LlamaCppOptions Options, int GpuLayers, float[] Split, string Device, double Weight, double Cache, double Compute)
    {
        public static Row Parse(string line)
        {
            string[] fields = line.Split(',');
            Assert.True(KvCacheTypes.TryParse(fields[5], out KvCacheType cache));
            var options = new LlamaCppOptions
            {
                ContextLength = new Tokens(Integer(fields[2])),
                ParallelRequests = Integer(fields[3]),
                UnifiedKvCache = fields[4] == "true",
                KeyType = cache,
                ValueType = cache,
                FlashAttention = fields[6] == "on",
                MicroBatch = Integer(fields[7]),
            };
            return new(
                Integer(fields[0]), fields[1], options, Integer(fields[8]), [.. fields[9].Split('/').Select(Number).Select(value => (float)value)],
                fields[10], Number(fields[11]), Number(fields[12]), Number(fields[13]));
        }

        private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

        private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}
