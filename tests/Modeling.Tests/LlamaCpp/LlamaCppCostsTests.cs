using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.LlamaCpp;

public class LlamaCppCostsTests
{
    private static readonly string[] Models =
    [
        "Llama-3.1-8B-Instruct-Q4_K_M.gguf", "Llama-3.2-1B-Instruct-Q8_0.gguf", "Qwen3-30B-A3B-Q4_K_M.gguf", "DeepSeek-R1-IQ2_XXS.gguf",
    ];

    [Fact]
    public async Task Totals_are_the_sum_over_devices_for_every_split()
    {
        foreach (string file in Models)
        {
            LlamaCppModel model = await SampleFiles.ModelAsync(file);
            LlamaCppCosts costs = LlamaCppCosts.Create(model, new LlamaCppOptions { ContextLength = new Tokens(8192), ParallelRequests = 3 });
            Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Splits(costs.OffloadableLayers).ToArbitrary(), split =>
            {
                MemoryEstimate estimate = costs.Estimate(new DeviceSplit { LayersPerDevice = split });
                long total = estimate.Devices.Sum(device => device.Weight.Value + device.KvCache.Value + device.Compute.Value + device.Overhead.Value);
                int first = costs.OffloadableLayers - split.Sum();
                Bytes all = costs.HostBytes(first, split.Length);
                int next = first;
                for (int device = 0; device < split.Length; device++)
                {
                    all += costs.DeviceBytes(next, next + split[device] - 1, device, split.Length, first > 0) + costs.OverheadPerDevice;
                    next += split[device];
                }

                return estimate.Total.Value == total && all == estimate.Total
                    && estimate.KvCache == costs.KvCacheBytes(0, costs.BlockCount)
                    && estimate.Weight >= costs.WeightBytes(0, costs.BlockCount);
            }));
        }
    }

    [Fact]
    public async Task More_context_or_wider_caches_never_need_less_on_any_device_nor_more_requests_in_all()
    {
        foreach (string file in Models)
        {
            LlamaCppModel model = await SampleFiles.ModelAsync(file);
            Gen<(int Context, int More, int Parallel, bool Unified, bool Flash, ImmutableArray<int> Split)> cases =
                from context in Gen.Choose(1, 140_000)
                from more in Gen.Choose(0, 50_000)
                from parallel in Gen.Choose(1, 8)
                from unified in Gen.Elements(true, false)
                from flash in Gen.Elements(true, false)
                from split in Splits(model.BlockCount + 1)
                select (context, more, parallel, unified, flash, split);
            Check.One(Config.QuickThrowOnFailure, Prop.ForAll(cases.ToArbitrary(), item =>
            {
                var options = new LlamaCppOptions
                {
                    ContextLength = new Tokens(item.Context),
                    ParallelRequests = item.Parallel,
                    UnifiedKvCache = item.Unified,
                    FlashAttention = item.Flash,
                };
                MemoryEstimate basis = Estimate(model, options, item.Split);
                return NeverLess(basis, Estimate(model, options with { ContextLength = new Tokens(item.Context + item.More) }, item.Split))
                    && Estimate(model, options with { ParallelRequests = item.Parallel + 1 }, item.Split).Total >= basis.Total
                    && NeverLess(basis, Estimate(model, options with { KeyType = KvCacheType.F32 }, item.Split));
            }));
        }
    }

    [Fact]
    public async Task Tied_embeddings_are_counted_on_the_host_and_with_the_output_layer()
    {
        LlamaCppModel model = await SampleFiles.ModelAsync("Llama-3.2-1B-Instruct-Q8_0.gguf");

        Assert.Equal(model.InputWeights.Value, model.LayerWeights[^1] - (2048 * 4));
        Assert.True(model.TotalWeightBytes < new Bytes(model.LayerWeights.Sum()) + model.InputWeights);
    }

    [Fact]
    public async Task Every_device_with_blocks_has_its_own_rotary_factors()
    {
        LlamaCppCosts costs = LlamaCppCosts.Create(
            await SampleFiles.ModelAsync("Llama-3.1-8B-Instruct-Q4_K_M.gguf"), new LlamaCppOptions { ContextLength = new Tokens(4096) });

        Bytes whole = costs.WeightBytes(0, 32);

        Assert.Equal(whole + new Bytes(256), costs.WeightBytes(0, 15) + costs.WeightBytes(16, 32));
        Assert.Equal(whole, costs.WeightBytes(0, 31) + costs.WeightBytes(32, 32));
    }

    [Fact]
    public async Task A_split_of_more_layers_than_there_are_is_refused()
    {
        LlamaCppCosts costs = LlamaCppCosts.Create(
            await SampleFiles.ModelAsync("Llama-3.1-8B-Instruct-Q4_K_M.gguf"), new LlamaCppOptions { ContextLength = new Tokens(4096) });

        Assert.Throws<ArgumentException>(() => costs.Estimate(new DeviceSplit { LayersPerDevice = [20, 14] }));
        Assert.Throws<ArgumentException>(() => costs.Estimate(new DeviceSplit { LayersPerDevice = [20, -1] }));
    }

    [Fact]
    public async Task The_largest_model_and_context_that_are_allowed_do_not_overflow()
    {
        LlamaCppModel model = await ModelShapes.ReadAsync("llama", 1 << 24, 32,
            ("block_count", 512), ("feed_forward_length", 1 << 24), ("attention.head_count", 1 << 14), ("attention.head_count_kv", 1 << 14),
            ("attention.key_length", 32), ("attention.value_length", 32), ("expert_count", 1 << 14), ("expert_used_count", 1 << 14));
        var options = new LlamaCppOptions { ContextLength = new Tokens(int.MaxValue), KeyType = KvCacheType.F32, ValueType = KvCacheType.F32, FlashAttention = false };

        Assert.True(Estimate(model, options, [256, 257]).Total.Value > 0);
        Assert.Throws<ArgumentException>(() => LlamaCppCosts.Create(model, options with { ParallelRequests = 2 }));
        Assert.Throws<ArgumentException>(() => LlamaCppCosts.Create(model, options with { ContextLength = new Tokens(0) }));
    }

    private static MemoryEstimate Estimate(LlamaCppModel model, LlamaCppOptions options, ImmutableArray<int> split) =>
        LlamaCppCosts.Create(model, options).Estimate(new DeviceSplit { LayersPerDevice = split });

    private static bool NeverLess(MemoryEstimate basis, MemoryEstimate more)
    {
        for (int device = 0; device < basis.Devices.Length; device++)
        {
            if (more.Devices[device].Total < basis.Devices[device].Total)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Layer counts of one to five devices that hold some or all layers.</summary>
    private static Gen<ImmutableArray<int>> Splits(int layers) =>
        from devices in Gen.Choose(1, 5)
        from offloaded in Gen.Choose(0, layers + (layers / 2)).Select(count => Math.Min(count, layers))
        from shares in Gen.Choose(0, 9).ArrayOf(devices)
        select LayerSplit.LayersPerDevice(offloaded, shares.Sum() == 0 ? [.. shares.Select(_ => 1f)] : [.. shares.Select(share => (float)share)]);
}
