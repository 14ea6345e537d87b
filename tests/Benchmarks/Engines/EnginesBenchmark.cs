using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Benchmarks.Engines;

/// <summary>Estimates against published logs of vLLM and SGLang, as the table of the guide.</summary>
internal sealed class EnginesBenchmark : IBenchmark
{
    public string Name => "engines";

    public string Usage => "estimates against published logs of vLLM and SGLang, as Markdown: --cases FILE.csv --configs DIR";

    public Task<IReadOnlyDictionary<string, double>> RunAsync(
        BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        string configurations = arguments.Required("configs");
        EngineComparison[] comparisons =
            [.. EngineLog.Read(arguments.Required("cases")).Select(log => EngineComparison.Of(log, configurations))];
        details.WriteLine("| Case | Engine | GPU | Weights per GPU, GiB: predicted / logged | Cache, tokens: predicted / logged |");
        details.WriteLine("|---|---|---|---|---|");
        foreach (EngineComparison comparison in comparisons)
        {
            details.WriteLine(Row(comparison));
        }

        double[] weights = Errors(comparisons, static comparison => comparison.WeightsPercent);
        double[] cache = Errors(comparisons, static comparison => comparison.CachePercent);
        return Task.FromResult<IReadOnlyDictionary<string, double>>(new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["cases"] = comparisons.Length,
            ["weights.cases"] = weights.Length,
            ["weights.medianPercent"] = Median(weights),
            ["weights.worstPercent"] = weights[^1],
            ["cache.cases"] = cache.Length,
            ["cache.medianPercent"] = Median(cache),
            ["cache.worstPercent"] = cache[^1],
            ["cache.over15Percent"] = cache.Count(static error => error > 15),
            ["estimate.microseconds"] = Microseconds(comparisons[0].Log, configurations),
        });
    }

    /// <summary>The time of one estimate of a model that is summed already, over layouts of 1 to 4 ranks.</summary>
    private static double Microseconds(EngineLog log, string configurations)
    {
        const int Rounds = 10_000;
        ServedModel served = EngineComparison.Model(log, configurations);
        var demand = new ServingDemand(new(8192), 4);
        long start = 0;
        for (int i = -Rounds; i < Rounds; i++)
        {
            start = i == 0 ? TimeProvider.System.GetTimestamp() : start;
            VllmEstimator.Estimate(served, new VllmOptions { GpuMemory = Bytes.FromGiB(79.19), TensorParallel = 1 << (i & 1), PipelineParallel = 1 << ((i >> 1) & 1) }, demand);
        }

        return TimeProvider.System.GetElapsedTime(start).TotalMicroseconds / Rounds;
    }

    private static string Row(EngineComparison comparison)
    {
        EngineLog log = comparison.Log;
        int tensor = log.Integer("tensorParallel") ?? 1;
        int pipeline = log.Integer("pipelineParallel") ?? 1;
        string ranks = (tensor > 1 ? $" TP{tensor}" : "") + (pipeline > 1 ? $" PP{pipeline}" : "");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| [{log.Case}]({log.Address.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal)}) | {log.Text("engine")} {log.Text("version")} | {log.Text("gpu").Replace("NVIDIA ", "", StringComparison.Ordinal)}{ranks} | {Pair(comparison.Weights, log.Number("loggedWeightGiB"), "0.00", comparison.WeightsPercent)} | {Cache(comparison)} |");
    }

    private static string Cache(EngineComparison comparison) =>
        comparison.Log.Number("loggedKvTokens") is { } tokens
            ? Pair(comparison.Estimate.CacheTokens.Value, tokens, "#,0", comparison.CachePercent)
            : Pair(comparison.Estimate.CachePools[0].GiB, comparison.Log.Number("loggedAvailableKvGiB"), "0.00 GiB", comparison.CachePercent);

    private static string Pair(double predicted, double? logged, string format, double? percent) => logged is { } value
        ? string.Create(CultureInfo.InvariantCulture, $"{predicted.ToString(format, CultureInfo.InvariantCulture)} / {value.ToString(format, CultureInfo.InvariantCulture)} ({percent:+0.0;-0.0;0.0} %)")
        : $"{predicted.ToString(format, CultureInfo.InvariantCulture)} / –";

    private static double[] Errors(EngineComparison[] comparisons, Func<EngineComparison, double?> percent) =>
        [.. comparisons.Select(percent).OfType<double>().Select(Math.Abs).Order()];

    private static double Median(double[] sorted) =>
        sorted.Length == 0 ? 0 : (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
}
