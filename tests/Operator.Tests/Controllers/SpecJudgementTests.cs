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
    [InlineData("engine: {type: SGLang}", "the engine SGLang is not supported")]
    [InlineData("", "the engine VLLM (chosen because the model is not a GGUF file) is not supported")]
    public void Engines_that_cannot_be_run_yet_can_be_planned(string spec, string expected)
    {
        var deployment = Inputs.Small(spec, file: "acme/llama/model.safetensors");

        Assert.Contains(expected, SpecJudgement.Problem(deployment)!.Message, StringComparison.Ordinal);
        Assert.Null(SpecJudgement.PlanProblem(deployment));
    }
}
