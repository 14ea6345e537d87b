using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Progress;

namespace GpuStack.Operator.Tests.Supervision.Progress;

public sealed class EngineMetricsTests
{
    [Fact]
    public void TheTwoFigures_AreRead()
    {
        const string text = """
            # HELP llamacpp:n_decode_total Total number of llama_decode() calls
            # TYPE llamacpp:n_decode_total counter
            llamacpp:n_decode_total 1234
            llamacpp:n_busy_slots_per_decode 1.5
            # TYPE llamacpp:requests_processing gauge
            llamacpp:requests_processing 2
            llamacpp:requests_deferred 9

            """;
        Assert.Equal(2, EngineMetrics.LlamaCpp.Read(text).Processing);
        Assert.Equal(EngineMetrics.LlamaCpp.Read("llamacpp:n_decode_total 1234\nllamacpp:requests_processing 2"), EngineMetrics.LlamaCpp.Read(text));
        Assert.NotEqual(EngineMetrics.LlamaCpp.Read(text.Replace("1234", "1235", StringComparison.Ordinal)), EngineMetrics.LlamaCpp.Read(text));
    }

    [Theory]
    [InlineData("llamacpp:requests_processing{model=\"a b\"} 3 1700000000000\r\nllamacpp:n_decode_total\t1e3\r\n", "llamacpp:n_decode_total 1000\nllamacpp:requests_processing 3")]
    [InlineData("llamacpp_requests_processing{model=\"a}b\"} 3\nllamacpp_n_decode 1000", "llamacpp:n_decode_total 1000\nllamacpp:requests_processing 3")]
    public void LabelsTimesExponentsAndSpellings_ArePassedOver(string text, string plain) =>
        Assert.Equal(EngineMetrics.LlamaCpp.Read(plain), EngineMetrics.LlamaCpp.Read(text));

    /// <summary>Every file is one engine's answer; in all of them requests run, and any figure that is listed is progress.</summary>
    [Theory]
    [InlineData("vllm-0.7.txt", "VLLM", 3, "vllm:generation_tokens_total", "vllm:prompt_tokens_total", "vllm:gpu_cache_usage_perc")]
    [InlineData("vllm-0.12.txt", "VLLM", 5, "vllm:generation_tokens_total", "vllm:prompt_tokens_total", "vllm:kv_cache_usage_perc", "vllm:iteration_tokens_total_count")]
    [InlineData("sglang-0.5.txt", "SGLang", 2, "sglang:generation_tokens_total", "sglang:prompt_tokens_total", "sglang:token_usage", "sglang:inter_token_latency_seconds_count")]
    public void TheAnswersOfRealEngines_AreRead(string file, string engine, double processing, params string[] moving)
    {
        var metrics = EngineMetrics.Of(Enum.Parse<SupervisedEngine>(engine));
        var text = File.ReadAllText(Path.Combine(Inputs.Root, "tests", "Operator.Tests", "Supervision", "Progress", "cases", file));
        var sample = metrics.Read(text);
        Assert.Equal((EngineSampleKind.Values, processing), (sample.Kind, sample.Processing));
        Assert.Equal(sample, metrics.Read(text));
        foreach (var name in moving)
        {
            var lines = text.Split('\n');
            var line = Array.FindIndex(lines, line => line.StartsWith(name + "{", StringComparison.Ordinal));
            lines[line] = lines[line][..(lines[line].LastIndexOf(' ') + 1)] + "777";
            Assert.NotEqual(sample.Progress, metrics.Read(string.Join('\n', lines)).Progress);
        }
        Assert.All(Enum.GetValues<SupervisedEngine>().Where(other => other.ToString() != engine), other => Assert.Equal(EngineSample.Unreadable, EngineMetrics.Of(other).Read(text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("llamacpp:requests_processing 1")]
    [InlineData("llamacpp:requests_processing_max 1\nllamacpp:n_decode_total 5")]
    [InlineData("llamacpp:requests_processing NaN\nllamacpp:n_decode_total 5")]
    [InlineData("llamacpp:requests_processing{ 1\nllamacpp:n_decode_total 5")]
    [InlineData("{\"error\":{\"code\":501}}")]
    public void OtherText_HasNoFigures(string text) => Assert.Equal(EngineSample.Unreadable, EngineMetrics.LlamaCpp.Read(text));

    [Fact]
    public void AnyText_IsRead() => Prop.ForAll(
        ArbMap.Default.GeneratorFor<string?>().Select(tail => "llamacpp:requests_processing" + tail).ToArbitrary(),
        text => EngineMetrics.LlamaCpp.Read(text).Kind != EngineSampleKind.Unanswered).QuickCheckThrowOnFailure();
}
