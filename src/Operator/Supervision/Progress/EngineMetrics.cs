using System.Collections.Frozen;

namespace GpuStack.Operator.Supervision.Progress;

/// <summary>
/// Which figures of an engine's <c>/metrics</c> tell that it processes requests, and that it moves. One figure alone is not enough: vLLM counts
/// a prompt once it is through, and SGLang its tokens once a request is finished, so that a long prompt or a long answer would look like a
/// hang. Anything that moves with the work is progress. Pure.
/// </summary>
internal sealed class EngineMetrics
{
    private const int LongestName = 128;

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _processing;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _progress;

    private EngineMetrics(string[] processing, string[] progress)
    {
        _processing = processing.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _progress = progress.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>llama.cpp 0.7.0.</summary>
    public static EngineMetrics LlamaCpp { get; } = new(["llamacpp_requests_processing"], ["llamacpp_n_decode"]);

    /// <summary>
    /// vLLM 0.5 to 0.12 (docs.vllm.ai, "Production Metrics" and "Metrics"); the cache's figure has two names. It grows with each chunk of a
    /// prompt.
    /// </summary>
    public static EngineMetrics VLLM { get; } = new(
        ["vllm_num_requests_running"],
        ["vllm_generation_tokens", "vllm_prompt_tokens", "vllm_iteration_tokens_total_count", "vllm_kv_cache_usage_perc", "vllm_gpu_cache_usage_perc"]);

    /// <summary>
    /// SGLang 0.4 and 0.5 with --enable-metrics (docs.sglang.io, "Production Metrics"; srt/metrics/collector.py). Token counts move when a
    /// request is finished, the latencies' with each piece of an answer, and the scheduler's gauges every 40 steps.
    /// </summary>
    public static EngineMetrics SGLang { get; } = new(
        ["sglang_num_running_reqs"],
        [
            "sglang_generation_tokens", "sglang_prompt_tokens", "sglang_realtime_tokens", "sglang_inter_token_latency_seconds_count",
            "sglang_time_to_first_token_seconds_count", "sglang_num_used_tokens", "sglang_token_usage", "sglang_gen_throughput",
        ]);

    public static EngineMetrics Of(SupervisedEngine engine) => engine switch
    {
        SupervisedEngine.VLLM => VLLM,
        SupervisedEngine.SGLang => SGLang,
        _ => LlamaCpp,
    };

    /// <summary>Figures of several engines behind one API are taken together: the group moves if one of them does.</summary>
    public EngineSample Read(string text)
    {
        double? processing = null;
        ulong progress = 0;
        var moves = false;
        Span<char> buffer = stackalloc char[LongestName];
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!MetricsText.TryRead(line, buffer, out var name, out var value))
                continue;
            if (_processing.Contains(name))
                processing = (processing ?? 0) + value;
            else if (_progress.Contains(name))
                (progress, moves) = (Mix(progress, value), true);
        }
        // Half of the bits of a double: every one of them is exact, and another one for another set of figures.
        return processing is { } requests && moves ? EngineSample.Of(requests, progress >> 12) : EngineSample.Unreadable;
    }

    /// <summary>Lines come in one order, so that a position need not be mixed in.</summary>
    private static ulong Mix(ulong progress, double value) => (progress ^ BitConverter.DoubleToUInt64Bits(value)) * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019;
}
