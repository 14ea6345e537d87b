using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Modeling.Tests.LlamaCpp;

/// <summary>Caches of sliding-window and recurrent models, in the MiB that llama-server 0.7.0 reported.</summary>
public class CacheSizeTests
{
    [Theory]
    [InlineData(8192, 1, false, KvCacheType.F16, 512, 1264)]
    [InlineData(2048, 4, false, KvCacheType.F16, 512, 3136)]
    [InlineData(2048, 4, true, KvCacheType.F16, 512, 2512)]
    [InlineData(8192, 1, false, KvCacheType.Q8_0, 512, 671.5)]
    [InlineData(8192, 1, false, KvCacheType.F16, 2048, 1888)]
    public async Task Gemma_3(int context, int parallel, bool unified, KvCacheType type, int microBatch, double expected) =>
        Assert.Equal(expected, Cache(await ModelShapes.Gemma3Of27BAsync(), context, parallel, unified, type, microBatch), 2);

    [Theory]
    [InlineData(131072, 1, false, KvCacheType.F16, 512, 4635)]
    [InlineData(8192, 4, false, KvCacheType.F16, 512, 1260)]
    [InlineData(2048, 4, true, KvCacheType.F16, 512, 324)]
    [InlineData(8192, 1, false, KvCacheType.Q8_0, 512, 167.34)]
    public async Task Gpt_oss(int context, int parallel, bool unified, KvCacheType type, int microBatch, double expected) =>
        Assert.Equal(expected, Cache(await ModelShapes.GptOssOf120BAsync(), context, parallel, unified, type, microBatch), 2);

    [Theory]
    [InlineData(8192, 1, 38)]
    [InlineData(2048, 4, 152)]
    public async Task Falcon_mamba(int context, int parallel, double expected) =>
        Assert.Equal(expected, Cache(await ModelShapes.FalconMambaOf7BAsync(), context, parallel, unified: false, KvCacheType.F16, 512), 0);

    [Theory]
    [InlineData(8192, 1, 267.375)]
    [InlineData(2048, 4, 493.5)]
    public async Task Qwen3_next(int context, int parallel, double expected) =>
        Assert.Equal(expected, Cache(await ModelShapes.Qwen3NextOf80BAsync(), context, parallel, unified: false, KvCacheType.F16, 512), 2);

    [Fact]
    public async Task A_full_sliding_window_has_the_cells_of_the_context()
    {
        LlamaCppModel model = await ModelShapes.Gemma3Of27BAsync();
        var options = new LlamaCppOptions { ContextLength = new Tokens(8192), FullSlidingWindow = true };

        Assert.Equal(62 * 64, LlamaCppCosts.Create(model, options).KvCacheBytes(0, 62).MiB);
    }

    private static double Cache(LlamaCppModel model, int context, int parallel, bool unified, KvCacheType type, int microBatch)
    {
        LlamaCppCosts costs = LlamaCppCosts.Create(model, new LlamaCppOptions
        {
            ContextLength = new Tokens(context),
            ParallelRequests = parallel,
            UnifiedKvCache = unified,
            KeyType = type,
            ValueType = type,
            MicroBatch = microBatch,
        });
        return costs.KvCacheBytes(0, costs.BlockCount).MiB;
    }
}
