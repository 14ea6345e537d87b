using System.Globalization;
using GpuStack.Placement.Speed;

namespace GpuStack.Benchmarks.Speed;

/// <summary>
/// Predicted against measured speed of llama.cpp. Each row of the 32B model is left out in turn, the constants are fitted on the rest, and
/// the row is predicted; beside it stands what the shipped constants say.
/// </summary>
internal sealed class SpeedBenchmark : IBenchmark
{
    public string Name => "speed";

    public string Usage => "predicted against measured speed, leave-one-out: [--cases FILE.csv]";

    public Task<IReadOnlyDictionary<string, double>> RunAsync(
        BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        IReadOnlyList<SpeedRow> rows = SpeedRow.Read(
            arguments.Optional("cases") ?? Path.Combine("tests", "Placement.Tests", "cases", "h200-llama-decode.csv"));
        SpeedRow[] steady = [.. rows.Where(static row => row.Steady)];
        SpeedFit decoding = SpeedFit.Decoding(steady);
        SpeedFit prompts = SpeedFit.Prompts(steady);

        details.WriteLine("| Row | Decode, tokens/s: measured | predicted | row left out | Prompt, tokens/s: measured | predicted |");
        details.WriteLine("|---|---|---|---|---|---|");
        var leftOut = new List<double>();
        foreach (SpeedRow row in rows)
        {
            SpeedFit without = row.Steady ? SpeedFit.Decoding(steady.Where(other => other != row)) : decoding;
            double error = Percent(without.DecodeOf(row), row.Decode);
            if (row.Is32B)
            {
                leftOut.Add(Math.Abs(error));
            }

            SpeedPrediction shipped = row.Predict();
            details.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.Decode:0.0} | {Pair(shipped.DecodeTokensPerSecond!.Value, row.Decode)} | {(row.Steady ? $"{error:+0.0;-0.0;0.0} %" : "–")} | {row.Prefill:0} | {Pair(shipped.PrefillTokensPerSecond!.Value, row.Prefill)} |"));
        }

        double[] noisy = Errors(rows.Where(static row => !row.Steady), static row => row.Predict().DecodeTokensPerSecond!.Value, static row => row.Decode);
        double[] local = Errors(rows.Where(static row => row.RpcDevices == 0), static row => row.Predict().PrefillTokensPerSecond!.Value, static row => row.Prefill);
        double[] remote = Errors(
            rows.Where(static row => row.Is32B && row.RpcDevices > 0), static row => row.Predict().PrefillTokensPerSecond!.Value, static row => row.Prefill);
        return Task.FromResult<IReadOnlyDictionary<string, double>>(new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["decode.32B.rows"] = leftOut.Count,
            ["decode.32B.leaveOneOut.worstPercent"] = leftOut.Max(),
            ["decode.32B.leaveOneOut.meanPercent"] = leftOut.Average(),
            ["decode.32B.shipped.worstPercent"] =
                Errors(rows.Where(static row => row.Is32B), static row => row.Predict().DecodeTokensPerSecond!.Value, static row => row.Decode)[^1],
            ["decode.8B.overRpc.medianPercent"] = noisy[noisy.Length / 2],
            ["decode.8B.overRpc.worstPercent"] = noisy[^1],
            ["prefill.local.worstPercent"] = local[^1],
            ["prefill.32B.overRpc.worstPercent"] = remote[^1],
            ["fit.decode.layerMilliseconds"] = decoding.Layer,
            ["fit.decode.bandwidthShare"] = decoding.Share,
            ["fit.decode.hopMilliseconds"] = decoding.Hop,
            ["fit.prefill.layerMilliseconds"] = prompts.Layer,
            ["fit.prefill.throughputShare"] = prompts.Share,
            ["fit.prefill.handlingGBs"] = 1 / prompts.Hop,
            ["shipped.differsPercent"] = new[]
            {
                Percent(SpeedModel.LayerMilliseconds, decoding.Layer), Percent(SpeedModel.BandwidthShare, decoding.Share),
                Percent(RpcHop.Milliseconds, decoding.Hop), Percent(SpeedModel.PrefillLayerMilliseconds, prompts.Layer),
                Percent(SpeedModel.ThroughputShare, prompts.Share), Percent(RpcHop.HandlingGBs, 1 / prompts.Hop),
            }.Max(Math.Abs),
        });
    }

    private static string Pair(double predicted, double measured) =>
        string.Create(CultureInfo.InvariantCulture, $"{(predicted < 1000 ? $"{predicted:0.0}" : $"{predicted:0}")} ({Percent(predicted, measured):+0.0;-0.0;0.0} %)");

    private static double[] Errors(IEnumerable<SpeedRow> rows, Func<SpeedRow, double> predicted, Func<SpeedRow, double> measured) =>
        [.. rows.Select(row => Math.Abs(Percent(predicted(row), measured(row)))).Order()];

    private static double Percent(double predicted, double measured) => 100 * ((predicted / measured) - 1);
}
