using GpuStack.Benchmarks.Ingest.Informers;
using GpuStack.Modeling;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Benchmarks.Ingest;

/// <summary>
/// From a model's file to its estimate (opened, header read, facts taken, memory estimated): time and memory of the first run in this
/// process, most of which is compilation, and of those after it. And from an API server to the informers' caches (<see cref="InformerIngest"/>).
/// </summary>
internal sealed class IngestBenchmark : IBenchmark
{
    /// <summary>Writes a sample's files to a path, and gives the size of the header; then estimates what is at that path.</summary>
    private static readonly (string Name, Func<string, int> Write, Func<string, CancellationToken, Task<MemoryEstimate>> Estimate)[] Samples =
    [
        ("gguf100kB", path => Write(path, GgufSamples.ManyTensors()), EstimateGgufAsync),
        ("gguf10MB", path => Write(path, GgufSamples.LargeTokenizer()), EstimateGgufAsync),
        ("safetensors100kB", SafetensorsSamples.Dense, EstimateTransformerAsync),
        ("safetensors10MB", SafetensorsSamples.Mixture, EstimateTransformerAsync),
    ];

    /// <summary>What is cached (the operator's part, or everything), and how the first objects come.</summary>
    private static readonly (string Name, bool Whole, bool Streaming)[] InformerSamples =
    [
        ("informer", false, false), ("informerStreaming", false, true), ("informerWhole", true, false),
    ];

    /// <summary>Runs between the first one and those that count: the time it takes until all code is compiled for good.</summary>
    private const int WarmUp = 300;

    public string Name => "ingest";

    public string Usage =>
        "time from a model's file to its estimate, from an API server to the caches: [--runs 500] [--only gguf100kB|informer] [--nodes 10000] [--pods 50000] [--events 100000] [--rate 5000] [--seconds 10]";

    public async Task<IReadOnlyDictionary<string, double>> RunAsync(
        BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        int runs = Math.Max(1, arguments.Integer("runs", 500));
        string? only = arguments.Optional("only");
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        string directory = Directory.CreateTempSubdirectory("ingest-").FullName;
        try
        {
            foreach ((string name, Func<string, int> write, Func<string, CancellationToken, Task<MemoryEstimate>> estimate) in Samples)
            {
                if (only is null || only == name)
                {
                    string path = Path.Combine(directory, name);
                    figures[name + ".headerBytes"] = write(path);
                    await MeasureAsync(figures, name, runs, () => estimate(path, cancellationToken));
                }
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        foreach ((string name, bool whole, bool streaming) in InformerSamples)
        {
            if (only is null || only == name)
            {
                await InformerIngest.MeasureAsync(figures, name, whole, streaming, arguments, cancellationToken);
            }
        }

        return figures;
    }

    private static int Write(string path, byte[] header)
    {
        File.WriteAllBytes(path, header);
        return header.Length;
    }

    private static async Task<MemoryEstimate> EstimateGgufAsync(string path, CancellationToken cancellationToken)
    {
        await using FileByteRangeSource source = FileByteRangeSource.Open(path);
        LlamaCppModel model = LlamaCppModel.FromGguf(await GgufReader.ReadAsync(source, cancellationToken: cancellationToken));
        LlamaCppCosts costs = LlamaCppCosts.Create(model, new LlamaCppOptions { ContextLength = new Tokens(8192) });
        return costs.Estimate(new DeviceSplit { LayersPerDevice = LayerSplit.LayersPerDevice(costs.OffloadableLayers, [1f, 1f]) });
    }

    private static async Task<MemoryEstimate> EstimateTransformerAsync(string path, CancellationToken cancellationToken)
    {
        TransformerModel model = await TransformerModelReader.ReadAsync(new LocalModelFolder(path), cancellationToken: cancellationToken);
        var options = new VllmOptions { GpuMemory = Bytes.FromGiB(79), TensorParallel = 2 };
        return VllmEstimator.Estimate(ServedModel.Of(model), options, new ServingDemand(new Tokens(8192), 1)).Memory;
    }

    private static async Task MeasureAsync(Dictionary<string, double> figures, string name, int runs, Func<Task<MemoryEstimate>> estimate)
    {
        var milliseconds = new double[runs];
        long allocated = 0;
        TimeSpan processor = default;
        for (int run = -1 - WarmUp; run < runs; run++)
        {
            if (run == 0)
            {
                processor = Environment.CpuUsage.TotalTime;
            }

            long before = GC.GetTotalAllocatedBytes(precise: true);
            long started = TimeProvider.System.GetTimestamp();
            MemoryEstimate result = await estimate();
            double elapsed = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
            allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            if (result.Total.Value <= 0)
            {
                throw new InvalidOperationException($"{name}: the estimate is empty.");
            }

            if (run >= 0)
            {
                milliseconds[run] = elapsed;
            }
            else
            {
                figures.TryAdd(name + ".firstMs", elapsed);
            }
        }

        figures[name + ".processorMs"] = (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / runs;
        Array.Sort(milliseconds);
        figures[name + ".medianMs"] = milliseconds[runs / 2];
        figures[name + ".p95Ms"] = milliseconds[Math.Min(runs - 1, (int)(runs * 0.95))];
        figures[name + ".allocatedBytes"] = allocated;
    }
}
