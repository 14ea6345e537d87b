using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Tests.Planning;

public class ServingRequestTests
{
    private static readonly Bytes Supervisor = new OperatorSettings().SupervisorMemory;

    private static readonly TransformerModel s_model = TransformerModelReader.FromConfig("small", """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 4,
         "num_attention_heads": 8, "num_key_value_heads": 4, "vocab_size": 32000, "max_position_embeddings": 4096, "torch_dtype": "bfloat16"}
        """u8.ToArray());

    [Fact]
    public void Defaults_are_those_of_the_design()
    {
        var request = Map(EngineType.VLLM, "");
        var launch = Assert.IsType<VllmLaunch>(request.Launch);

        Assert.Equal((4096, 1), (launch.Demand.ContextLength.Value, launch.Demand.Requests));
        Assert.Equal(4096, launch.Options.MaxModelLength!.Value.Value);
        Assert.Equal((0.9, (double?)null), (request.MemoryUtilization, launch.Options.GpuMemoryUtilization));
        Assert.Equal(((int?)null, (int?)null), (request.TensorParallel, request.PipelineParallel));
        Assert.Null(launch.Options.MaxSequences);
        Assert.Equal((Bytes.FromGiB(4) + Supervisor, Bytes.FromGiB(4) + Supervisor), (request.HostMemoryMargin, request.WorkerHostMemory));
        Assert.Equal(Bytes.FromGiB(2), request.HostMemoryPerGpu);
    }

    [Fact]
    public void What_the_spec_says_reaches_the_planner()
    {
        var request = Map(EngineType.SGLang, """
            engine: {contextLength: 16384, parallelRequests: 8, kvCacheType: fp8_e5m2, parallelism: {tensor: 2, pipeline: 3}, sharedMemory: 1Gi}
            placement: {memory: {utilization: "0.85"}, maxNodes: 4}
            network: {hostNetwork: true}
            """);
        var launch = Assert.IsType<SglangLaunch>(request.Launch);

        Assert.Equal((16_384, 8), (launch.Demand.ContextLength.Value, launch.Demand.Requests));
        Assert.Equal(CacheElement.Fp8, launch.Options.KvCacheType);
        Assert.Equal((2, 3), (request.TensorParallel, request.PipelineParallel));
        Assert.Equal((0.85, 4), (request.MemoryUtilization, request.NodeLimit));
        Assert.Equal(Bytes.FromGiB(3) + Supervisor, request.HostMemoryMargin);
    }

    [Fact]
    public void Flags_of_vLLM_beat_the_fields()
    {
        var request = Map(EngineType.VLLM, """
            engine:
              image: vllm/vllm-openai:v0.11.0
              kvCacheType: auto
              args: [--gpu-memory-utilization, "0.8", --max-num-seqs=16, --max_num_batched_tokens, "1024", --enforce-eager, --kv-cache-dtype, fp8, -q, bitsandbytes, -tp, "4", --dtype, half, --max-model-len, "2048"]
            """);
        var options = Assert.IsType<VllmLaunch>(request.Launch).Options;

        Assert.Equal((0.8, 16, 1024, true), (options.GpuMemoryUtilization!.Value, options.MaxSequences!.Value, options.MaxBatchedTokens!.Value, options.EnforceEager));
        Assert.Equal((CacheElement.Fp8, LoadQuantization.BitsAndBytes, ElementType.F16), (options.KvCacheType, options.Quantization, options.DataType));
        Assert.Equal((4, new EngineVersion(0, 11), 2048), (request.TensorParallel, options.Version, options.MaxModelLength!.Value.Value));
    }

    [Fact]
    public void Flags_of_SGLang_beat_the_fields_and_what_cannot_be_read_is_left_to_the_engine()
    {
        var options = Assert.IsType<SglangLaunch>(Map(EngineType.SGLang, """
            engine:
              args: [--mem-fraction-static, "0.7", --max-running-requests, "4", --chunked-prefill-size, "-1", --disable-cuda-graph, --context-length=many]
            """).Launch).Options;

        Assert.Equal((0.7, 4, true), (options.MemoryFractionStatic!.Value, options.MaxRunningRequests!.Value, options.DisableCudaGraph));
        Assert.Null(options.ChunkedPrefillSize);
        Assert.Equal(4096, options.ContextLength!.Value.Value);
    }

    [Fact]
    public void One_models_sums_are_made_once() => Assert.Same(
        Assert.IsType<VllmLaunch>(Map(EngineType.VLLM, "").Launch).Served, Assert.IsType<SglangLaunch>(Map(EngineType.SGLang, "").Launch).Served);

    private static PlacementRequest Map(EngineType engine, string spec) => PlacementRequestMapper.Map(
        Inputs.Deployment($"""
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata:
              name: small
            spec:
              model:
                huggingFace:
                  repository: acme/small
              {string.Join("\n  ", spec.Split('\n'))}
            """),
        engine,
        s_model);
}
