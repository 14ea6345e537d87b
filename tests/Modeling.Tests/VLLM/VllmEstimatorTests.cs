using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.Tests.Serving;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Modeling.Tests.VLLM;

public class VllmEstimatorTests
{
    private static readonly EngineVersion Logged = new(0, 19);
    private static readonly VllmOptions H100 = new() { Version = Logged, GpuMemory = Bytes.FromGiB(79.19), GpuProduct = "NVIDIA H100 80GB HBM3" };

    [Fact]
    public void Left_over_layers_go_to_the_stages_before_the_last()
    {
        VllmOptions options = H100 with { PipelineParallel = 4 };

        Assert.Equal([(0, 14), (15, 30), (31, 46), (47, 61)], Stages(TransformerShapes.Gemma27B, options));
        Assert.Equal([(0, 9), (10, 19), (20, 39), (40, 61)], Stages(TransformerShapes.Gemma27B, options with { LayersPerStage = [10, 10, 20, 22] }));
        Assert.Throws<ArgumentException>(() => Stages(TransformerShapes.Gemma27B, options with { LayersPerStage = [10, 10, 20, 23] }));
    }

    [Fact]
    public void The_share_is_of_the_whole_gpu_less_weights_peak_and_kernels()
    {
        // Logged: 14.99 GiB of weights, 1.89 of activations, 0.25 outside PyTorch, 58.11 left, 476,016 tokens.
        ServingEstimate estimate = Estimate(
            TransformerShapes.Llama8B, H100 with { GpuMemoryUtilization = 0.95, MaxModelLength = new(8192) }, 8192);

        Assert.Equal(14.99, estimate.Memory.Devices[0].Weight.GiB, 2);
        Assert.InRange(estimate.CachePool.GiB, 58.11 * 0.995, 58.11 * 1.005);
        Assert.InRange(estimate.CacheTokens.Value, (long)(476_016 * 0.995), (long)(476_016 * 1.005));
        Assert.Equal(estimate.CacheTokens.Value, estimate.CachePool.Value / (16 * 131_072) * 16);
        Assert.True(estimate.Fits);
    }

    [Fact]
    public void The_newest_rules_predict_what_0_31_logged_on_an_A100()
    {
        // Logged with the server's defaults: 56.21 GiB left at 0.92, 460,496 tokens, 3.51 requests of 131,072 tokens.
        ServingEstimate estimate = Estimate(
            TransformerShapes.Llama8B,
            new VllmOptions { Version = new(0, 31), GpuMemory = Bytes.FromGiB(79.25), GpuProduct = "NVIDIA A100-SXM4-80GB" },
            131_072);

        Assert.InRange(estimate.CachePool.GiB, 56.21 * 0.995, 56.21 * 1.005);
        Assert.InRange(estimate.CacheTokens.Value, (long)(460_496 * 0.995), (long)(460_496 * 1.005));
        Assert.Equal(3.51, estimate.MaxConcurrency, 0.02);
    }

    [Fact]
    public void Newer_releases_take_cuda_graphs_from_the_cache_unless_there_are_none()
    {
        VllmOptions now = H100 with { Version = new(0, 22), FlashInferSampler = false, GpuMemoryUtilization = 0.9 };

        Assert.True(Pool(now) < Pool(now with { Version = Logged }));
        Assert.Equal(Pool(now with { EnforceEager = true }), Pool(now with { Version = Logged }));
        Assert.True(Pool(now with { CudaGraphSizes = [1, 2, 4] }) > Pool(now));
    }

    [Fact]
    public void Old_releases_count_the_context_and_other_processes()
    {
        VllmOptions old = H100 with { Version = new(0, 8, 5) };
        Bytes others = Bytes.FromGiB(3);

        Assert.Equal(Pool(old) - others, Pool(old with { MemoryInUse = others }));
        Assert.Equal(Pool(H100), Pool(H100 with { MemoryInUse = others }));
    }

    [Fact]
    public void The_oldest_engine_profiles_with_the_longest_request()
    {
        VllmOptions old = H100 with { Version = new(0, 6, 6), MaxSequences = 1 };

        Assert.True(Pool(old with { MaxModelLength = new(32768) }) < Pool(old with { MaxModelLength = new(8192) }) - Bytes.FromGiB(1));
        Assert.Equal(Pool(old with { MaxModelLength = new(2048) }), Pool(old with { MaxModelLength = new(32769) }));
    }

    [Theory]
    [InlineData(79.19, "NVIDIA H100 80GB HBM3", false, 8192)]
    [InlineData(79.19, "NVIDIA H100 80GB HBM3", true, 16384)]
    [InlineData(79.25, "NVIDIA-A100-SXM4-80GB", false, 2048)]
    [InlineData(23.5, "NVIDIA GeForce RTX 4090", false, 2048)]
    [InlineData(23.5, null, true, 8192)]
    public void Batches_depend_on_the_gpu(double gibibytes, string? product, bool offline, int tokens)
    {
        VllmOptions options = H100 with { GpuMemory = Bytes.FromGiB(gibibytes), GpuProduct = product, Offline = offline };
        int sequences = tokens is 8192 or 16384 && gibibytes > 70 ? 1024 : 256;

        Assert.Equal(Pool(options with { MaxBatchedTokens = tokens, MaxSequences = sequences }), Pool(options));
    }

    [Fact]
    public void Experts_workspace_and_encoder_output_are_held_while_sampling()
    {
        TransformerModel seeing = TransformerShapes.Llama8B with
        {
            Weights = [.. TransformerShapes.Llama8B.Weights, new WeightPart(WeightPart.Towers, WeightSharding.Split, 0, default)],
        };

        // Logged by 0.19 for Qwen3 30B A3B on an H100: 2.68 GiB.
        Assert.InRange(Compute(TransformerShapes.Mixture, H100 with { EnforceEager = true }).GiB, 2.6, 2.76);
        Assert.Equal(Compute(TransformerShapes.Llama8B, H100) + new Bytes(8192 * 4096 * 2), Compute(seeing, H100));
        Assert.Equal(Compute(TransformerShapes.Llama8B, H100), Compute(seeing, H100 with { LanguageModelOnly = true }));
    }

    [Fact]
    public void Fused_collectives_are_charged_where_they_are_on()
    {
        VllmOptions two = H100 with { TensorParallel = 2 };

        Assert.True(Pool(two with { GpuProduct = "NVIDIA-A100-SXM4-80GB", MaxBatchedTokens = 8192, MaxSequences = 1024 }) - Pool(two) > Bytes.FromGiB(1.2));
    }

    [Fact]
    public void A_context_that_is_too_long_says_what_it_needs_and_what_fits()
    {
        VllmOptions options = H100 with { GpuMemory = Bytes.FromGiB(23.6), GpuProduct = "NVIDIA GeForce RTX 4090" };

        ServingEstimate estimate = Estimate(TransformerShapes.Llama8B, options, 131_072);

        Assert.False(estimate.Fits);
        Assert.Matches(@"^One request of 131072 tokens needs 16\.0 GiB of cache on rank 0, which has \d\.\d GiB; the longest that fits has \d+\.$", estimate.Reason);
        Assert.InRange(estimate.LargestContext.Value, 16, 131_071);
        Assert.True(Estimate(TransformerShapes.Llama8B, options with { MaxModelLength = estimate.LargestContext }, (int)estimate.LargestContext.Value).Fits);
        Assert.False(Estimate(TransformerShapes.Llama8B, options with { MaxModelLength = new(estimate.LargestContext.Value + 16) }, 16).Fits);
    }

    [Fact]
    public void Too_many_requests_say_how_many_fit()
    {
        ServingEstimate estimate = VllmEstimator.Estimate(ServedModel.Of(TransformerShapes.Llama8B), H100, new(new(131_072), 8));

        Assert.Matches(@"^8 requests of 131072 tokens need 128\.0 GiB of cache on rank 0, which has \d+\.\d GiB; 3\.\d+ of them fit\.$", estimate.Reason);
        Assert.InRange(estimate.MaxConcurrency, 3, 4);
    }

    [Fact]
    public void A_request_over_the_longest_one_is_refused()
    {
        Assert.Contains("longer than the engine's longest one, 4096", Estimate(TransformerShapes.Llama8B, H100 with { MaxModelLength = new(4096) }, 8192).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_leave_no_room_say_so()
    {
        ServingEstimate estimate = Estimate(TransformerShapes.Gemma27B, H100 with { GpuMemory = Bytes.FromGiB(48) }, 4096);

        Assert.Contains("no memory is left for the cache", estimate.Reason, StringComparison.Ordinal);
        Assert.Equal(0, estimate.CacheTokens.Value);
        Assert.True(estimate.CachePool < default(Bytes));
    }

    [Fact]
    public void A_share_that_is_not_free_is_refused()
    {
        Assert.Contains("lower gpu_memory_utilization", Estimate(TransformerShapes.Llama8B, H100 with { GpuMemoryUtilization = 0.999 }, 4096).Reason, StringComparison.Ordinal);
        Assert.Contains("lower gpu_memory_utilization", Estimate(TransformerShapes.Llama8B, H100 with { MemoryInUse = Bytes.FromGiB(10) }, 4096).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Estimate(TransformerShapes.Llama8B, H100 with { GpuMemoryUtilization = 1.2 }, 4096));
        Assert.Throws<ArgumentException>(() => Estimate(TransformerShapes.Llama8B, H100 with { BlockSize = 0 }, 4096));
        Assert.Throws<ArgumentException>(() => Estimate(TransformerShapes.Llama8B, H100, 0));
        Assert.Throws<ArgumentException>(() => Estimate(TransformerShapes.Llama8B, H100 with { MaxModelLength = new(1L << 40) }, 4096));
        Assert.Throws<ArgumentException>(() => VllmEstimator.Estimate(ServedModel.Of(TransformerShapes.Llama8B), H100, new(new(1L << 40))));
    }

    [Fact]
    public void Shapes_that_no_machine_can_hold_are_an_error_and_no_small_number()
    {
        TransformerModel model = TransformerShapes.Llama8B with
        {
            Layers = [.. TransformerShapes.Llama8B.Layers.Select(static layer => layer with { KeyValueHeads = int.MaxValue - 7, KeyLength = int.MaxValue, ValueLength = int.MaxValue })],
            HeadCount = int.MaxValue - 7,
        };

        ArgumentException error = Assert.Throws<ArgumentException>(() => Estimate(model, H100, 1 << 30));
        Assert.Contains("more memory than can be counted", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "more memory than can be counted",
            Assert.Throws<ArgumentException>(() => SglangEstimator.Estimate(ServedModel.Of(model), new SglangOptions { GpuMemory = Bytes.FromGiB(80) }, new(new(1 << 30)))).Message,
            StringComparison.Ordinal);
    }

    private static ServingEstimate Estimate(TransformerModel model, VllmOptions options, int length) =>
        VllmEstimator.Estimate(ServedModel.Of(model), options, new(new(length)));

    private static Bytes Pool(VllmOptions options) => Estimate(TransformerShapes.Llama8B, options, 1024).CachePool;

    private static Bytes Compute(TransformerModel model, VllmOptions options) => Estimate(model, options, 1024).Memory.Devices[0].Compute;

    private static (int, int)[] Stages(TransformerModel model, VllmOptions options) =>
        [.. Estimate(model, options, 1024).Memory.Devices.Where(static device => device.Kind == DeviceKind.Gpu).Select(static device => (device.FirstLayer!.Value, device.LastLayer!.Value))];
}
