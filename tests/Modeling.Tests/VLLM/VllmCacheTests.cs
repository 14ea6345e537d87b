using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Tests.Serving;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Modeling.Tests.VLLM;

public class VllmCacheTests
{
    private static readonly VllmOptions H100 = new() { Version = new(0, 19), GpuMemory = Bytes.FromGiB(79.19), GpuProduct = "NVIDIA H100 80GB HBM3" };

    [Fact]
    public void A_token_takes_key_and_value_heads_of_every_layer()
    {
        // 32 layers × 8 heads × 2 × 128 × 2 bytes = 128 KiB a token.
        Assert.Equal(131_072L * 4096, Cache(TransformerShapes.Llama8B, H100, 4096));
        Assert.Equal(131_072L * 4096 / 4, Cache(TransformerShapes.Llama8B, H100 with { TensorParallel = 4 }, 4096));
        Assert.Equal(131_072L * 4096 / 8, Cache(TransformerShapes.Llama8B, H100 with { TensorParallel = 32 }, 4096));
        Assert.Equal(131_072L * 4096 / 2, Cache(TransformerShapes.Llama8B, H100 with { KvCacheType = CacheElement.Fp8 }, 4096));
    }

    [Fact]
    public void A_cache_grows_by_blocks()
    {
        Assert.Equal(131_072L * 16, Cache(TransformerShapes.Llama8B, H100, 1));
        Assert.Equal(131_072L * 32, Cache(TransformerShapes.Llama8B, H100, 17));
        Assert.Equal(131_072L * 128, Cache(TransformerShapes.Llama8B, H100 with { BlockSize = 128 }, 17));
    }

    [Fact]
    public void A_latent_row_is_held_by_every_rank()
    {
        long row = 27L * 576 * 2;
        Assert.Equal(row * 4096, Cache(TransformerShapes.Latent, H100, 4096));
        Assert.Equal(row * 4096, Cache(TransformerShapes.Latent, H100 with { TensorParallel = 8 }, 4096));
    }

    [Fact]
    public void An_indexer_adds_a_row_in_8_bits_and_its_scale()
    {
        TransformerModel model = TransformerShapes.Latent with { LatentAttention = new(512, 64, 128) };

        Assert.Equal(27L * ((576 * 2) + 132) * 4096, Cache(model, H100, 4096));
    }

    [Fact]
    public void Windows_share_blocks_with_full_attention_in_groups_of_equal_size()
    {
        // 10 layers of full attention make the size of a group, 52 windows fill six groups: seven blocks of 10 layers for each 16 tokens
        // (vLLM 0.19 logged 15997 blocks and 36,560 tokens for 19.53 GiB).
        TransformerModel model = TransformerShapes.Gemma27B;
        const long Block = 10L * 16 * 16 * 256 * 2;
        VllmOptions options = H100 with { GpuMemoryUtilization = 0.95, MaxModelLength = new(8192) };

        ServingEstimate estimate = Estimate(model, options, 8192);

        Assert.Equal(Block * (512 + (6 * 513)), estimate.Memory.Devices[0].KvCache.Value);
        Assert.Equal(estimate.CachePool.Value / Block / 7 * 16, estimate.CacheTokens.Value);
        Assert.Equal((double)(estimate.CachePool.Value / Block) / (512 + (6 * 513)), estimate.MaxConcurrency, 6);
    }

    [Fact]
    public void A_window_needs_no_more_than_itself_and_a_batch()
    {
        VllmOptions options = H100 with { MaxBatchedTokens = 2048 };
        const long Block = 12L * 16 * 8 * 128 * 2;

        Assert.Equal(Block * (8192 + (((127 + 2048 + 15) / 16) + 1)), Cache(TransformerShapes.HalfWindowed, options, 131_072));
        Assert.Equal(2 * Block * 8192, Cache(TransformerShapes.HalfWindowed, options with { DisableHybridCache = true }, 131_072));
    }

    [Fact]
    public void A_model_of_windows_alone_has_one_group()
    {
        TransformerModel model = TransformerShapes.Llama8B with
        {
            SlidingWindow = new(4096),
            Layers = [.. TransformerShapes.Llama8B.Layers.Select(static layer => layer with { Kind = TransformerLayerKind.SlidingWindow })],
        };

        Assert.Equal(131_072L * 16 * (((4095 + 8192 + 15) / 16) + 1), Cache(model, H100, 131_072));
    }

    [Fact]
    public void A_recurrent_state_takes_one_page_and_makes_blocks_as_large_as_itself()
    {
        // State: 3 × 8192 and 32 × 128 × 128 elements of 2 bytes = 1,097,728 bytes; a row of attention 2048 bytes: 34 times 16 tokens.
        TransformerModel model = TransformerShapes.MostlyRecurrent;
        long page = 34L * 16 * 2048;
        Assert.True(page >= (3 * 8192 * 2) + (32 * 128 * 128 * 2) && page - (16 * 2048) < (3 * 8192 * 2) + (32 * 128 * 128 * 2));

        // Groups of 12 layers: one of attention, three of states.
        Assert.Equal(12 * page * (1 + 3), Cache(model, H100, 34 * 16));
        Assert.Equal(12 * page * (8 + 3), Cache(model, H100, 34 * 16 * 8));
    }

    [Fact]
    public void A_state_in_float32_makes_the_blocks_that_qwen_3_5_logged()
    {
        // "Setting attention block size to 1568 tokens", "Padding mamba page size by 0.13%": 27B with its cache in 8 bits.
        TransformerModel model = TransformerShapes.MostlyRecurrent with
        {
            Recurrent = new(3 * 10_240, 48 * 128 * 128, ElementType.F32),
            Layers = [.. TransformerShapes.MostlyRecurrent.Layers.Select(static layer => layer.Kind == TransformerLayerKind.Full ? layer with { KeyValueHeads = 4 } : layer)],
        };
        const long Page = 1568L * 4 * 512;

        Assert.Equal(12 * Page * (1 + 3), Cache(model, H100 with { KvCacheType = CacheElement.Fp8 }, 1568));
        Assert.Equal(12 * Page * (2 + 3), Cache(model, H100 with { KvCacheType = CacheElement.Fp8 }, 1569));
    }

    [Fact]
    public void Layers_without_a_cache_take_none()
    {
        TransformerModel model = TransformerShapes.Llama8B with
        {
            Layers = [.. TransformerShapes.Llama8B.Layers.Select(static (layer, i) => i < 20 ? layer : layer with { Kind = TransformerLayerKind.None })],
        };

        Assert.Equal(20L * 4096 * 4096, Cache(model, H100, 4096));
    }

    [Fact]
    public void Rows_of_unequal_width_share_pages()
    {
        // Four heads of 512 in 5 layers, eight of 128 in 25: the narrow rows get twice as many tokens in a block.
        TransformerModel model = TransformerShapes.Llama8B with
        {
            SlidingWindow = new(1024),
            Weights = [],
            Layers =
            [
                .. Enumerable.Repeat(new TransformerLayer(TransformerLayerKind.SlidingWindow, 8, 128, 128), 25),
                .. Enumerable.Repeat(new TransformerLayer(TransformerLayerKind.Full, 4, 512, 512), 5),
            ],
        };
        const long Page = 16L * 4 * 1024 * 2;

        Assert.Equal(5 * Page * (64 + (5 * 33)), Cache(model, H100, 1024));
    }

    private static ServingEstimate Estimate(TransformerModel model, VllmOptions options, int length) =>
        VllmEstimator.Estimate(ServedModel.Of(model), options, new(new(length)));

    private static long Cache(TransformerModel model, VllmOptions options, int length) => Estimate(model, options, length).Memory.Devices[0].KvCache.Value;
}
