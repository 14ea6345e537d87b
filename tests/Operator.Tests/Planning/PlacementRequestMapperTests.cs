using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Tests.Planning;

public class PlacementRequestMapperTests
{
    [Fact]
    public async Task Defaults_are_those_of_the_design()
    {
        var deployment = Inputs.Small();

        var request = PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment));

        Assert.Equal(8192, Options(request).ContextLength.Value);
        Assert.Equal(1, Options(request).ParallelRequests);
        Assert.False(Options(request).UnifiedKvCache);
        Assert.Equal((KvCacheType.F16, KvCacheType.F16), (Options(request).KeyType, Options(request).ValueType));
        Assert.True(Options(request).FlashAttention);
        Assert.Equal(Bytes.FromGiB(1), request.ReservePerGpu);
        Assert.Equal((PlacementScope.Auto, PlacementStrategy.Pack), (request.Scope, request.Strategy));
        Assert.False(request.CpuOffload);
        Assert.Null(request.MaxNodes);
    }

    [Fact]
    public async Task A_model_with_a_shorter_context_gets_its_own()
    {
        var deployment = Inputs.Small();
        var model = (await Inputs.ModelAsync(deployment)) with { ContextLength = new Tokens(2048) };

        Assert.Equal(2048, Options(PlacementRequestMapper.Map(deployment, model)).ContextLength.Value);
    }

    [Fact]
    public async Task A_context_that_was_asked_for_is_never_reduced()
    {
        var deployment = Inputs.Small("engine: {contextLength: 200000}");

        Assert.Equal(200_000, Options(PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment))).ContextLength.Value);
    }

    [Fact]
    public async Task What_the_spec_says_reaches_the_planner()
    {
        var deployment = Inputs.Small("""
            replicas: 3
            engine: {kvCacheType: q8_0, parallelRequests: 4, resources: {requests: {cpu: "6"}}}
            placement:
              scope: MultiNode
              strategy: Spread
              leader: {nodeName: big}
              gpuSelector: {vendors: [NVIDIA, MooreThreads], products: [L40S], minMemory: 20Gi, minComputeCapability: "8.0"}
              nodeSelector: {pool: gpu}
              tolerations: [{key: gpu, operator: Exists}]
              topologyKey: rack
              mixedGpus: Forbidden
              cpuOffload: Allowed
              maxNodes: 4
              memory: {reservePerGpu: 2Gi}
            """);

        var request = PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment));

        Assert.Equal(3, request.Replicas);
        Assert.Equal((KvCacheType.Q8_0, 4), (Options(request).KeyType, Options(request).ParallelRequests));
        Assert.Equal(6000, request.CpuRequestMillis);
        Assert.Equal((PlacementScope.MultiNode, PlacementStrategy.Spread, "big"), (request.Scope, request.Strategy, request.LeaderNode));
        Assert.Equal(["nvidia", "mthreads"], request.GpuSelector.Vendors);
        Assert.Equal(Bytes.FromGiB(20), request.GpuSelector.MinMemory);
        Assert.Equal("8.0", request.GpuSelector.MinComputeCapability.ToString());
        Assert.Equal("gpu", request.NodeSelector["pool"]);
        Assert.Equal(("gpu", "Exists"), (request.Tolerations[0].Key, request.Tolerations[0].Operator));
        Assert.Equal(("rack", false, true, 4), (request.TopologyKey, request.MixedGpus, request.CpuOffload, request.MaxNodes));
        Assert.Equal(Bytes.FromGiB(2), request.ReservePerGpu);
    }

    [Fact]
    public async Task Host_memory_counts_the_prompt_cache_and_shared_memory()
    {
        var deployment = Inputs.Small("engine: {sharedMemory: 2Gi}");
        var settings = new OperatorSettings { HostMemoryMargin = Bytes.FromGiB(1), PromptCache = Bytes.FromGiB(3), WorkerHostMemory = Bytes.FromGiB(1), SupervisorMemory = Bytes.FromGiB(4) };

        var request = PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment), settings);

        Assert.Equal((Bytes.FromGiB(10), Bytes.FromGiB(7)), (request.HostMemoryMargin, request.WorkerHostMemory));
    }

    [Fact]
    public async Task On_the_hosts_network_there_are_no_workers()
    {
        var deployment = Inputs.Small("network: {hostNetwork: true}");

        Assert.Equal(1, PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment)).NodeLimit);
    }

    [Fact]
    public async Task What_the_user_says_a_group_needs_stands_in_place_of_the_estimate()
    {
        var deployment = Inputs.Small("placement: {memory: {override: 30Gi}}");

        Assert.Equal(Bytes.FromGiB(30), PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment)).MemoryOverride);
    }

    [Fact]
    public async Task Memory_that_the_pods_ask_for_is_counted_and_a_limit_caps_the_operators_own_request()
    {
        var deployment = Inputs.Small("engine: {resources: {requests: {memory: 100Gi}, limits: {cpu: 300m}}}");

        var request = PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment));

        Assert.Equal((300, Bytes.FromGiB(100)), (request.CpuRequestMillis, request.LeastHostMemory));
    }

    [Fact]
    public async Task Quantities_beyond_63_bits_fit_nowhere_and_break_nothing()
    {
        var deployment = Inputs.Small("""
            engine: {sharedMemory: 500E, resources: {requests: {cpu: 500E, memory: 500E}}}
            placement: {memory: {reservePerGpu: 500E, override: 500E}, gpuSelector: {minMemory: 500E}}
            """);

        var request = PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment));

        Assert.All(
            new[] { request.CpuRequestMillis, request.LeastHostMemory.Value, request.ReservePerGpu.Value, request.MemoryOverride!.Value.Value },
            amount => Assert.InRange(amount, 1L << 55, 1L << 60));
    }

    private static LlamaCppOptions Options(PlacementRequest request) => Assert.IsType<LlamaCppLaunch>(request.Launch).Options;
}
