using FsCheck;
using FsCheck.Fluent;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Tests.Speed;

public sealed class SpeedModelTests
{
    private static readonly DeviceSpeed s_h200 = Of("H200");
    private static readonly DeviceSpeed s_l40s = Of("L40S");
    private static readonly RpcHop s_hop = new(new NodeNetwork(TimeSpan.FromMilliseconds(0.2), null));

    /// <summary>Those of the 8B model over RPC are noisy.</summary>
    public static TheoryData<string> SteadyRows => [.. MeasuredRow.All.Where(row => row.Is32B || row.RpcDevices == 0).Select(row => row.Name)];

    public static TheoryData<string> LocalRows => [.. MeasuredRow.All.Where(row => row.RpcDevices == 0).Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(SteadyRows))]
    public void Predicts_the_steady_rows_of_decoding_within_five_percent(string name)
    {
        var row = Row(name);
        var predicted = Predict(row);
        Assert.True(predicted.Calibrated);
        Assert.InRange(predicted.DecodeTokensPerSecond!.Value / row.Decode, 0.95, 1.05);
    }

    [Theory]
    [MemberData(nameof(LocalRows))]
    public void Predicts_the_rows_of_reading_a_prompt_without_RPC_within_five_percent(string name)
    {
        var row = Row(name);
        Assert.InRange(Predict(row).PrefillTokensPerSecond!.Value / row.Prefill, 0.95, 1.05);
    }

    [Fact]
    public void Only_the_experts_used_are_read()
    {
        var model = SyntheticModels.DeepSeekR1;
        var active = new SpeedModel(model).ActiveBytesPerLayer;
        Assert.Equal(model.LayerWeights[0], active[0]);
        Assert.InRange((double)active[10] / model.LayerWeights[10], 0.03, 0.1);
    }

    [Fact]
    public void A_prompt_of_a_mixture_takes_the_operations_of_the_experts_used()
    {
        // 37 of 671 billion parameters are used, and one layer in twenty computes as much as in a dense model of the size.
        var model = new SpeedModel(SyntheticModels.DeepSeekR1);
        var dense = new SpeedModel(SyntheticModels.DeepSeekR1 with { ExpertCount = 0 });
        var many = Enumerable.Repeat(s_h200, 2).ToArray();
        Assert.True(model.Predict([31, 31], many, []).PrefillTokensPerSecond > 4 * dense.Predict([31, 31], many, []).PrefillTokensPerSecond);
    }

    [Fact]
    public void An_unknown_product_has_no_prediction_unless_it_has_no_layers()
    {
        var model = new SpeedModel(SyntheticModels.Llama8B);
        Assert.Equal(default, model.Predict([33], [default], []));
        Assert.NotNull(model.Predict([33, 0], [s_h200, default], []).DecodeTokensPerSecond);
    }

    [Fact]
    public void Without_a_throughput_only_decoding_is_predicted()
    {
        var predicted = new SpeedModel(SyntheticModels.Llama8B).Predict([17, 16], [s_h200, new DeviceSpeed(500)], []);
        Assert.NotNull(predicted.DecodeTokensPerSecond);
        Assert.Null(predicted.PrefillTokensPerSecond);
    }

    [Fact]
    public void Layers_on_the_host_make_a_prediction_uncalibrated_and_slower()
    {
        var model = new SpeedModel(SyntheticModels.Llama8B);
        var (all, some) = (model.Predict([33], [s_l40s], []), model.Predict([23], [s_l40s], []));
        Assert.True(all.Calibrated);
        Assert.False(some.Calibrated);
        Assert.True(some.DecodeTokensPerSecond < all.DecodeTokensPerSecond / 2);
        Assert.True(some.PrefillTokensPerSecond < all.PrefillTokensPerSecond);
    }

    [Fact]
    public void A_leader_without_a_GPU_cannot_read_prompts_from_the_host()
    {
        var predicted = new SpeedModel(SyntheticModels.Llama8B).Predict([23], [s_l40s], [s_hop]);
        Assert.NotNull(predicted.DecodeTokensPerSecond);
        Assert.Null(predicted.PrefillTokensPerSecond);
    }

    [Fact]
    public void The_leader_that_owns_more_devices_is_faster()
    {
        // Two L40S on one node and one on another, with DeepSeek-R1 partly on the host.
        var model = new SpeedModel(SyntheticModels.DeepSeekR1);
        DeviceSpeed[] devices = [s_l40s, s_l40s, s_l40s];
        var good = model.Predict([15, 15, 15], devices, [s_hop]);
        var bad = model.Predict([15, 15, 15], devices, [s_hop, s_hop with { FirstOfWorker = false }]);
        Assert.True(good.DecodeTokensPerSecond > bad.DecodeTokensPerSecond);
        Assert.True(good.PrefillTokensPerSecond > bad.PrefillTokensPerSecond);
    }

    [Fact]
    public void Over_a_slow_network_one_worker_of_two_GPUs_beats_two_workers()
    {
        var model = new SpeedModel(SyntheticModels.Qwen32B);
        DeviceSpeed[] devices = [s_l40s, s_l40s, s_l40s];
        var slow = new RpcHop(new NodeNetwork(TimeSpan.FromMilliseconds(0.2), 1_000_000_000));
        var one = model.Predict([22, 22, 21], devices, [slow, slow with { FirstOfWorker = false }]);
        var two = model.Predict([22, 22, 21], devices, [slow, slow]);
        // The states of 512 tokens, 10 MB, take 84 ms at 1 Gbit/s, there and back.
        Assert.InRange((512 / two.PrefillTokensPerSecond!.Value) - (512 / one.PrefillTokensPerSecond!.Value), 0.16, 0.18);
        Assert.True(one.DecodeTokensPerSecond > two.DecodeTokensPerSecond);
    }

    [Theory]
    [InlineData(1, 2, 0)]
    [InlineData(2, 1, 0)]
    [InlineData(1, 1, 2)]
    public void Lists_that_do_not_belong_together_are_refused(int layers, int devices, int hops)
    {
        var model = new SpeedModel(SyntheticModels.Llama8B);
        Assert.Throws<ArgumentException>(() => model.Predict(new int[layers], new DeviceSpeed[devices], new RpcHop[hops]));
    }

    [Fact]
    public void More_time_on_the_way_is_never_faster() =>
        Prop.ForAll(
            Gen.Choose(0, 5000).Two().ToArbitrary(),
            Gen.Choose(1, 4).ToArbitrary(),
            (microseconds, devices) =>
            {
                var model = new SpeedModel(SyntheticModels.Qwen32B);
                var layers = Enumerable.Range(0, devices).Select(i => 65 / devices + (i == 0 ? 65 % devices : 0)).ToArray();
                var speeds = Enumerable.Repeat(s_l40s, devices).ToArray();
                var (near, far) = (Math.Min(microseconds.Item1, microseconds.Item2), Math.Max(microseconds.Item1, microseconds.Item2));
                var (fast, slow) = (Over(near), Over(far));
                return fast.DecodeTokensPerSecond >= slow.DecodeTokensPerSecond && fast.PrefillTokensPerSecond >= slow.PrefillTokensPerSecond;

                SpeedPrediction Over(int roundTrip) => model.Predict(
                    layers, speeds, [.. Enumerable.Repeat(new RpcHop(new NodeNetwork(TimeSpan.FromMicroseconds(roundTrip), null)), devices - 1)]);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Threads_that_share_a_model_get_the_same_predictions()
    {
        var (shared, alone) = (new SpeedModel(SyntheticModels.Qwen32B), new SpeedModel(SyntheticModels.Qwen32B));
        var expected = Enumerable.Range(100, 200).Select(b => alone.Predict([65], [new DeviceSpeed(b, b)], [])).ToArray();
        Parallel.For(0, 4000, i => Assert.Equal(expected[i % 200], shared.Predict([65], [new DeviceSpeed(100 + (i % 200), 100 + (i % 200))], [])));
    }

    [Fact]
    public void Predicting_allocates_nothing_once_a_bandwidth_is_known()
    {
        var model = new SpeedModel(SyntheticModels.Qwen32B);
        int[] layers = [33, 32];
        DeviceSpeed[] devices = [s_l40s, s_h200];
        RpcHop[] hops = [s_hop];
        model.Predict(layers, devices, hops);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            model.Predict(layers, devices, hops);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 99);
    }

    private static DeviceSpeed Of(string product) => ProductTable.Default.Find("nvidia", product)!.Speed;

    private static MeasuredRow Row(string name) => MeasuredRow.All.Single(row => row.Name == name);

    private static SpeedPrediction Predict(MeasuredRow row) =>
        new SpeedModel(row.Model).Predict(row.Layers, [.. row.Layers.Select(_ => s_h200)], row.Hops);
}
