using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Supervision.Progress;

namespace GpuStack.Operator.Tests.Supervision.Progress;

public sealed class LlamaMetricsTests
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
        Assert.Equal(EngineSample.Of(2, 1234), LlamaMetrics.Read(text));
    }

    [Theory]
    [InlineData("llamacpp:requests_processing{model=\"a b\"} 3 1700000000000\r\nllamacpp:n_decode_total\t1e3\r\n", 3, 1000)]
    [InlineData("llamacpp:n_decode_total 0\nllamacpp:requests_processing 0", 0, 0)]
    public void LabelsTimesAndExponents_ArePassedOver(string text, double processing, double decodes) =>
        Assert.Equal(EngineSample.Of(processing, decodes), LlamaMetrics.Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("llamacpp:requests_processing 1")]
    [InlineData("llamacpp:requests_processing_total 1\nllamacpp:n_decode_total 5")]
    [InlineData("llamacpp:requests_processing NaN\nllamacpp:n_decode_total 5")]
    [InlineData("llamacpp:requests_processing{ 1\nllamacpp:n_decode_total 5")]
    [InlineData("{\"error\":{\"code\":501}}")]
    public void OtherText_HasNoFigures(string text) => Assert.Equal(EngineSample.Unreadable, LlamaMetrics.Read(text));

    [Fact]
    public void AnyText_IsRead() => Prop.ForAll(
        ArbMap.Default.GeneratorFor<string?>().Select(tail => "llamacpp:requests_processing" + tail).ToArbitrary(),
        text => LlamaMetrics.Read(text).Kind != EngineSampleKind.Unanswered).QuickCheckThrowOnFailure();
}
