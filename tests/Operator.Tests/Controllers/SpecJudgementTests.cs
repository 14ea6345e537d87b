using GpuStack.Operator.Controllers;

namespace GpuStack.Operator.Tests.Controllers;

public class SpecJudgementTests
{
    [Theory]
    [InlineData("engine: {kvCacheType: fp8}", "spec.engine.kvCacheType: fp8")]
    [InlineData("engine: {kvCacheType: auto}", "spec.engine.kvCacheType: auto")]
    [InlineData("engine: {parallelism: {tensor: 2}}", "spec.engine.parallelism")]
    [InlineData("engine: {distribution: Ray}", "spec.engine.distribution")]
    [InlineData("engine: {rayHead: Dedicated}", "spec.engine.rayHead")]
    [InlineData("network: {hostNetwork: true}\nplacement: {scope: MultiNode}", "spec.network.hostNetwork")]
    public void What_LlamaCpp_would_ignore_is_refused_although_the_engine_is_Auto(string spec, string expected)
    {
        var problem = SpecJudgement.Problem(Inputs.Small(spec));

        Assert.NotNull(problem);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("engine: {kvCacheType: q8_0}")]
    [InlineData("network: {hostNetwork: true}")]
    public void What_LlamaCpp_knows_is_fine(string spec) => Assert.Null(SpecJudgement.Problem(Inputs.Small(spec)));

    [Theory]
    [InlineData("engine: {type: SGLang}")]
    [InlineData("")]
    public void Other_engines_run_what_is_no_GGUF_file(string spec) =>
        Assert.Null(SpecJudgement.Problem(Inputs.Small(spec, file: "acme/llama/model.safetensors")));
}
