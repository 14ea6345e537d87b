using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.Tests.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.SGLang;

public class SglangEstimatorTests
{
    private static readonly SglangOptions H100 = new() { GpuMemory = Bytes.FromGiB(79.19) };

    [Fact]
    public void The_pool_is_a_share_of_what_was_free_less_the_weights()
    {
        ServingEstimate estimate = Estimate(TransformerShapes.Llama8B, H100 with { MemoryFractionStatic = 0.8 }, 4096);

        Bytes free = H100.GpuMemory - GpuProcess.Context;
        Assert.Equal((long)(free.Value * 0.8) - estimate.Memory.Devices[0].Weight.Value, estimate.CachePool.Value);
        Assert.Equal(estimate.CachePool.Value / 131_072, estimate.CacheTokens.Value);
        Assert.Equal(131_072, estimate.LargestContext.Value);
        Assert.True(estimate.Fits);
    }

    [Theory]
    [InlineData(15.5, 1, 0.744)]
    [InlineData(23.6, 1, 0.699)]
    [InlineData(79.19, 1, 0.829)]
    [InlineData(79.19, 8, 0.811)]
    [InlineData(139.8, 8, 0.893)]
    [InlineData(178.3, 8, 0.848)]
    public void The_share_follows_the_gpu(double gibibytes, int ranks, double fraction)
    {
        SglangOptions options = H100 with { GpuMemory = Bytes.FromGiB(gibibytes), TensorParallel = ranks };

        Assert.Equal(Pool(options with { MemoryFractionStatic = fraction }), Pool(options));
    }

    [Fact]
    public void Older_releases_reserve_nothing_for_graphs_of_prefills_and_seeing_models_more()
    {
        SglangOptions small = H100 with { GpuMemory = Bytes.FromGiB(23.6) };
        TransformerModel seeing = TransformerShapes.Llama8B with
        {
            Weights = [.. TransformerShapes.Llama8B.Weights, new WeightPart(WeightPart.Towers, WeightSharding.Split, 0, default)],
        };

        Assert.True(Pool(small with { Version = new(0, 5, 1) }) > Pool(small));
        Assert.True(Pool(small with { DisableCudaGraph = true }) > Pool(small));
        Assert.True(Estimate(seeing, small, 4096).CachePool < Pool(small));
    }

    [Fact]
    public void Windows_have_a_smaller_pool_beside_the_full_one()
    {
        TransformerModel model = TransformerShapes.HalfWindowed;
        const long Row = 12L * 8 * 128 * 2;

        ServingEstimate estimate = Estimate(model, H100, 65_536);

        Assert.Equal((long)(estimate.CachePool.Value / (Row * 1.8)), estimate.CacheTokens.Value);
        Assert.Equal(Row * (65_536 + 128 + 8192), estimate.Memory.Devices[0].KvCache.Value);
        Assert.Equal(estimate.CachePool.Value / (Row * 2), Estimate(model, H100 with { DisableHybridCache = true }, 65_536).CacheTokens.Value);
    }

    [Fact]
    public void Gemmas_windows_have_no_pool_of_their_own()
    {
        TransformerModel model = TransformerShapes.Gemma27B with { Architecture = "Gemma3ForConditionalGeneration" };

        ServingEstimate estimate = Estimate(model, H100, 4096);

        Assert.Equal(estimate.CachePool.Value / (62L * 16 * 256 * 2), estimate.CacheTokens.Value);
    }

    [Fact]
    public void A_model_of_windows_alone_has_one_pool()
    {
        TransformerModel model = TransformerShapes.Llama8B with
        {
            SlidingWindow = new(4096),
            Layers = [.. TransformerShapes.Llama8B.Layers.Select(static layer => layer with { Kind = TransformerLayerKind.SlidingWindow })],
        };

        Assert.Equal(Estimate(TransformerShapes.Llama8B, H100, 4096).CacheTokens, Estimate(model, H100, 4096).CacheTokens);
    }

    [Fact]
    public void States_take_their_share_of_the_pool_and_limit_the_requests()
    {
        TransformerModel model = TransformerShapes.MostlyRecurrent;
        const long State = 36L * ((3 * 8192 * 2) + (32 * 128 * 128 * 4));
        const long Row = 12L * 2 * 512 * 2;

        ServingEstimate estimate = Estimate(model, H100, 4096);

        long states = (long)(estimate.CachePool.Value * 0.9 / 1.9 / State);
        Assert.Equal((estimate.CachePool.Value - (states * State)) / Row, estimate.CacheTokens.Value);
        Assert.Equal(states / 3.0, estimate.MaxConcurrency, 6);
        Assert.Equal((Row * 4096) + (3 * State), estimate.Memory.Devices[0].KvCache.Value);
    }

    [Fact]
    public void Latent_rows_are_held_by_every_rank()
    {
        Assert.Equal(27L * 576 * 2 * 4096, Estimate(TransformerShapes.Latent, H100 with { TensorParallel = 8 }, 4096).Memory.Devices[0].KvCache.Value);
        Assert.Equal(27L * 576 * 4096, Estimate(TransformerShapes.Latent, H100 with { KvCacheType = CacheElement.Fp8 }, 4096).Memory.Devices[0].KvCache.Value);
    }

    [Fact]
    public void Left_over_layers_go_to_the_last_stages()
    {
        ServingEstimate estimate = Estimate(TransformerShapes.Gemma27B, H100 with { PipelineParallel = 4 }, 4096);

        Assert.Equal([14, 29, 45, 61], estimate.Memory.Devices.Take(4).Select(static device => device.LastLayer!.Value));
    }

    [Fact]
    public void Tokens_come_in_pages()
    {
        Assert.Equal(0, Estimate(TransformerShapes.Llama8B, H100 with { PageSize = 64 }, 4096).CacheTokens.Value % 64);
    }

    [Fact]
    public void What_does_not_fit_says_why()
    {
        SglangOptions small = H100 with { GpuMemory = Bytes.FromGiB(23.6) };

        Assert.Contains("leaves no memory for the cache", Estimate(TransformerShapes.Gemma27B, small, 4096).Reason, StringComparison.Ordinal);
        Assert.Matches(
            @"^One request of 131072 tokens needs 16\.0 GiB of cache on rank 0, which has \d+\.\d (GiB|MiB) in its pools; 0\.\d+ of them fit\.$",
            Estimate(TransformerShapes.Llama8B, small, 131_072).Reason);
        Assert.Contains("raise context-length", Estimate(TransformerShapes.Llama8B, H100 with { ContextLength = new(2048) }, 4096).Reason, StringComparison.Ordinal);
        Assert.Contains(
            "5 requests of 4096 tokens need",
            SglangEstimator.Estimate(ServedModel.Of(TransformerShapes.Llama8B), H100 with { MaxRunningRequests = 4 }, new(new(4096), 5)).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Estimate(TransformerShapes.Llama8B, H100 with { MemoryFractionStatic = 1 }, 4096));
        Assert.Throws<ArgumentException>(() => Estimate(TransformerShapes.Llama8B, H100 with { PageSize = 0 }, 4096));
        Assert.Throws<ArgumentException>(() => Estimate(TransformerShapes.Llama8B, H100, 0));
    }

    private static ServingEstimate Estimate(TransformerModel model, SglangOptions options, int length) =>
        SglangEstimator.Estimate(ServedModel.Of(model), options, new(new(length)));

    private static Bytes Pool(SglangOptions options) => Estimate(TransformerShapes.Llama8B, options, 4096).CachePool;
}
