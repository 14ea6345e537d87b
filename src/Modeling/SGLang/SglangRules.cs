using System.Collections.Immutable;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.SGLang;

/// <summary>
/// What SGLang chooses by itself. Read in its sources, release 0.5 to the newest one stored (October 2026):
/// <c>srt/arg_groups</c> (<c>handle_gpu_memory_settings</c>; <c>server_args.py</c> before), <c>mem_cache/kv_cache_configurator.py</c>,
/// <c>model_executor/pool_configurator.py</c> (<c>model_runner.py</c> before), <c>distributed/utils.py</c>.
/// </summary>
internal static class SglangRules
{
    private const double MiBPerGiB = 1024;

    /// <summary>The newest release whose rules are known.</summary>
    public static EngineVersion Newest { get; } = new(0, 5, 23);

    /// <summary>Models with windows that get caches as large as for the whole context all the same.</summary>
    private static readonly ImmutableArray<string> WithoutHybridCache = ["Gemma2", "Gemma3"];

    /// <summary>Tokens of a prompt computed at a time, by the GPU's memory.</summary>
    public static int ChunkedPrefill(SglangOptions options) => options.ChunkedPrefillSize ?? (Gigabytes(options) switch
    {
        < 20 => 2048,
        < 35 => IsRecent(options) ? 4096 : 2048,
        < 60 => 4096,
        < 160 => 8192,
        _ => 16384,
    });

    /// <summary>The largest batch captured as a CUDA graph, by the GPU's memory.</summary>
    public static int GraphBatch(SglangOptions options)
    {
        if (options.DisableCudaGraph)
        {
            return 0;
        }

        bool few = options.TensorParallel < 4;
        return options.CudaGraphMaxBatch ?? (Gigabytes(options) switch
        {
            < 20 => 8,
            < 35 when IsRecent(options) => few ? 48 : 160,
            < 35 => few ? 24 : 80,
            < 60 => few ? 32 : 160,
            < 160 => few ? 256 : 512,
            _ => 512,
        });
    }

    /// <summary>
    /// <c>mem_fraction_static</c> where none is given: the GPU without a reserve of 512 MiB, 1.5 MiB for each token of a chunk, 2 MiB for each
    /// row of the largest graph, 128 MiB for each rank, from 0.5.10 on 8 MiB for each graph of a prefill (1.5 GiB with latent attention), and
    /// at least 10 GiB on GPUs of more than 60 GiB. Models that see keep 5 % more free. Rounded to three digits, as the engine does.
    /// </summary>
    public static double MemoryFraction(ServedModel served, SglangOptions options)
    {
        double total = options.GpuMemory.MiB;
        int chunk = ChunkedPrefill(options);
        double reserved = 512 + (1.5 * Math.Max(chunk, 2048)) + (2.0 * GraphBatch(options))
            + (options.TensorParallel * options.PipelineParallel / 8.0 * MiBPerGiB);
        if (IsRecent(options) && !options.DisableCudaGraph)
        {
            reserved += served.Model.LatentAttention is null ? 8.0 * PrefillGraphs(chunk) : 1.5 * MiBPerGiB;
        }

        if (total > 60 * MiBPerGiB)
        {
            reserved = Math.Max(reserved, 10 * MiBPerGiB);
        }

        double fraction = Math.Round((total - reserved) / total, 3);
        return served.HasTowers ? fraction * 0.95 : fraction;
    }

    /// <summary>Whether sliding-window layers have a pool of their own.</summary>
    public static bool HybridCache(TransformerModel model, SglangOptions options) =>
        !(options.DisableHybridCache ?? WithoutHybridCache.Any(name => model.Architecture.StartsWith(name, StringComparison.Ordinal)));

    /// <summary>Layers of each stage (<c>get_pp_indices</c>): the same number each, and one more for the last ones.</summary>
    public static int[] LayersPerStage(int layers, int stages)
    {
        int[] result = new int[stages];
        for (int i = 0; i < stages; i++)
        {
            result[i] = (layers / stages) + (i >= stages - (layers % stages) ? 1 : 0);
        }

        return result;
    }

    /// <summary>Sizes that a prefill of so many tokens is captured in: steps of 4, 16, 32, 64, 256 and 512 up to 32, 256, 512, 1024, 4096 and beyond.</summary>
    private static int PrefillGraphs(int tokens)
    {
        ReadOnlySpan<(int To, int Step)> ranges = [(32, 4), (256, 16), (512, 32), (1024, 64), (4096, 256), (int.MaxValue, 512)];
        int count = 0;
        int from = 0;
        foreach ((int to, int step) in ranges)
        {
            count += Math.Max(0, (Math.Min(tokens, to) - from) / step);
            from = to;
        }

        return count;
    }

    private static bool IsRecent(SglangOptions options) => options.Version >= new EngineVersion(0, 5, 10);

    private static double Gigabytes(SglangOptions options) => options.GpuMemory.GiB;
}
