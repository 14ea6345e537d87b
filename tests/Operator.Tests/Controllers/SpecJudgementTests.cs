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
    [InlineData("LlamaCpp", "-c 4096", "spec.engine.contextLength")]
    [InlineData("LlamaCpp", "--ctx-size=4096", "spec.engine.contextLength")]
    [InlineData("LlamaCpp", "--threads 8 -ngl 20", "spec.engine.args[2]: -ngl")]
    [InlineData("LlamaCpp", "--override-tensor exps=CPU", "spec.placement")]
    [InlineData("LlamaCpp", "--cache-ram 0", "the plan's memory")]
    [InlineData("LlamaCpp", "--kv-unified", "spec.engine.parallelRequests")]
    [InlineData("VLLM", "--node_rank 1", "spec.engine.distribution")]
    [InlineData("VLLM", "--served-model-name x", "spec.model.servedName")]
    [InlineData("SGLang", "--dist-init-addr=h:1", "spec.engine.distribution")]
    // Spellings that the engines' parsers take, too.
    [InlineData("LlamaCpp", "--ctx_size 4096", "spec.engine.contextLength")]
    [InlineData("LlamaCpp", "--fim-qwen-7b-default", "spec.model")]
    [InlineData("LlamaCpp", "--ssl-key-file /k", "spec.access.service.port")]
    [InlineData("VLLM", "--served-model x", "--served-model-name")]
    [InlineData("VLLM", "--tensor-par=4", "--tensor-parallel-size")]
    [InlineData("VLLM", "--max_model 100", "--max-model-len")]
    [InlineData("VLLM", "-n2", "-n")]
    [InlineData("VLLM", "--config /etc/vllm.yaml", "spec.engine.args")]
    [InlineData("VLLM", "-pcp 2", "spec.engine.distribution")]
    [InlineData("SGLang", "--api-k secret", "--api-key")]
    [InlineData("SGLang", "--nnode 2", "--nnodes")]
    public void Arguments_that_contradict_the_plan_are_refused_with_what_to_do_instead(string engine, string arguments, string expected)
    {
        var deployment = Deployment(engine, arguments);

        var problem = SpecJudgement.Problem(deployment);

        Assert.NotNull(problem);
        Assert.Equal("InvalidSpec", problem.Reason);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LlamaCpp", "--threads 8 --jinja --no-mmap -cb")]
    [InlineData("VLLM", "--max-num-seqs 64 --gpu-memory-utilization 0.85 --tensor-parallel-size 2 --enable-prefix-caching -c 1 -O3 -tp 2 --no-enable-log-requests -- --block-size 16 --quantization fp8")]
    [InlineData("SGLang", "--mem-fraction-static 0.8 --chunked-prefill-size 4096 --tp 2 --ep 2 --disable-cuda-graph")]
    [InlineData("LlamaCpp", "--spec-default -t 8")]
    public void Other_arguments_are_the_users(string engine, string arguments) => Assert.Null(SpecJudgement.Problem(Deployment(engine, arguments)));

    private static GpuStack.Entities.V1Alpha1.ModelDeployment Deployment(string engine, string arguments) => Inputs.Small(
        $"engine: {{type: {engine}, args: [{string.Join(", ", arguments.Split(' ').Select(argument => $"\"{argument}\""))}]}}",
        file: engine == "LlamaCpp" ? "gpustack/Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q8_0.gguf" : "acme/llama/model.safetensors");

    [Theory]
    [InlineData("engine: {type: SGLang}")]
    [InlineData("")]
    public void Other_engines_run_what_is_no_GGUF_file(string spec) =>
        Assert.Null(SpecJudgement.Problem(Inputs.Small(spec, file: "acme/llama/model.safetensors")));
}
