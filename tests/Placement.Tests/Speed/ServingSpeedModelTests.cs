using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Tests.Speed;

public sealed class ServingSpeedModelTests
{
    private static readonly ServingSpeedModel s_dense = ServingSpeedModel.Of(ServedModel.Of(Config("Qwen--Qwen2.5-72B-Instruct")));
    private static readonly ServingSpeedModel s_mixture = ServingSpeedModel.Of(ServedModel.Of(Config("Qwen--Qwen3-30B-A3B")));
    private static readonly DeviceSpeed s_h100 = Of("NVIDIA-H100-80GB-HBM3");
    private static readonly DeviceSpeed s_l40s = Of("NVIDIA-L40S");
    private static readonly DeviceSpeed s_4090 = Of("NVIDIA-GeForce-RTX-4090");

    public static TheoryData<string> Products => ["NVIDIA-H100-80GB-HBM3", "NVIDIA-A100-SXM4-80GB", "NVIDIA-L40S", "NVIDIA-GeForce-RTX-4090"];

    [Theory]
    [MemberData(nameof(Products))]
    public void A_token_of_a_large_model_is_faster_over_tensor_than_over_pipeline_ranks(string product)
    {
        var device = Of(product);
        var tensor = s_dense.Predict(new ServingLayoutFacts(device, TensorParallel: 4));
        var pipeline = s_dense.Predict(new ServingLayoutFacts(device, PipelineParallel: 4));
        Assert.True(tensor.DecodeTokensPerSecond > 1.5 * pipeline.DecodeTokensPerSecond);
    }

    [Fact]
    public void Pipeline_ranks_of_one_node_are_as_fast_as_one_GPU()
    {
        var one = s_dense.Predict(new ServingLayoutFacts(s_h100));
        var four = s_dense.Predict(new ServingLayoutFacts(s_h100, PipelineParallel: 4));
        Assert.InRange(four.DecodeTokensPerSecond!.Value / one.DecodeTokensPerSecond!.Value, 0.98, 1);
        Assert.InRange(four.PrefillTokensPerSecond!.Value / one.PrefillTokensPerSecond!.Value, 0.98, 1);
    }

    [Fact]
    public void With_NVLink_tensor_ranks_beat_pipeline_ranks_in_every_way()
    {
        var tensor = s_dense.Predict(new ServingLayoutFacts(s_h100, TensorParallel: 8));
        var mixed = s_dense.Predict(new ServingLayoutFacts(s_h100, TensorParallel: 4, PipelineParallel: 2));
        Assert.True(tensor.DecodeTokensPerSecond > mixed.DecodeTokensPerSecond);
        Assert.True(tensor.PrefillTokensPerSecond > mixed.PrefillTokensPerSecond);
    }

    [Fact]
    public void A_prompt_pays_for_all_reduces_the_more_the_slower_the_link()
    {
        var linked = s_4090 with { NvLinkGBs = 600 };
        var peers = s_4090 with { PeerToPeer = true };
        var (nvlink, pcie, host) = (Prefill(linked), Prefill(peers), Prefill(s_4090));
        Assert.True(nvlink > 1.2 * pcie);
        Assert.True(pcie > host);

        // Each of 160 all-reduces moves 2048 states of 16 KiB: 33.5 MB, half as much again for four ranks, at 14.6 GB/s.
        Assert.InRange((2048 / host) - (2048 / Prefill(linked with { NvLinkGBs = 100_000 })), 0.5, 0.6);

        static double Prefill(DeviceSpeed device) => s_dense.Predict(new ServingLayoutFacts(device, TensorParallel: 4)).PrefillTokensPerSecond!.Value;
    }

    [Fact]
    public void A_stage_on_another_node_costs_little()
    {
        var near = s_dense.Predict(new ServingLayoutFacts(s_h100, TensorParallel: 8, PipelineParallel: 2));
        var far = s_dense.Predict(new ServingLayoutFacts(s_h100, TensorParallel: 8, PipelineParallel: 2, Nodes: 2));
        Assert.InRange(far.DecodeTokensPerSecond!.Value / near.DecodeTokensPerSecond!.Value, 0.95, 0.999);
        var slow = s_dense.Predict(new ServingLayoutFacts(
            s_h100, TensorParallel: 8, PipelineParallel: 2, Nodes: 2, new NodeNetwork(TimeSpan.FromMilliseconds(5), 1_000_000_000)));
        Assert.True(slow.DecodeTokensPerSecond < 0.8 * far.DecodeTokensPerSecond);
        Assert.True(slow.PrefillTokensPerSecond < far.PrefillTokensPerSecond);
    }

    [Fact]
    public void Of_a_mixture_only_the_experts_used_are_read()
    {
        // 3 of 30 billion parameters, 16 bits each; fixed times of 48 layers are as long as reading on an H100.
        var slow = s_mixture.Predict(new ServingLayoutFacts(new DeviceSpeed(100, 10)));
        Assert.InRange(slow.DecodeTokensPerSecond!.Value, 100 * 0.8 / 2 / 3.6, 100 * 0.8 / 2 / 2.8);
    }

    [Fact]
    public void A_token_of_a_large_model_takes_the_time_of_its_weights()
    {
        // 72.7 billion parameters, less the embeddings of 1.2: 143 GB.
        var slow = s_dense.Predict(new ServingLayoutFacts(new DeviceSpeed(1000)));
        Assert.InRange(slow.DecodeTokensPerSecond!.Value, 0.97 * 800 / 143, 800 / 142.0);
        Assert.Null(slow.PrefillTokensPerSecond);
    }

    [Fact]
    public void More_ranks_than_key_value_heads_read_copies()
    {
        // Eight heads: sixteen ranks read more than half of what eight do.
        var device = new DeviceSpeed(1, 1, NvLinkGBs: 100_000);
        var eight = 1 / s_dense.Predict(new ServingLayoutFacts(device, TensorParallel: 8)).DecodeTokensPerSecond!.Value;
        var sixteen = 1 / s_dense.Predict(new ServingLayoutFacts(device, TensorParallel: 16)).DecodeTokensPerSecond!.Value;
        Assert.InRange(sixteen / eight, 0.505, 0.52);
    }

    [Fact]
    public void No_prediction_is_calibrated_and_an_unknown_product_has_none()
    {
        Assert.False(s_dense.Predict(new ServingLayoutFacts(s_l40s, TensorParallel: 4)).Calibrated);
        Assert.Equal(default, s_dense.Predict(new ServingLayoutFacts(default)));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(8, 1, 2)]
    public void Layouts_that_cannot_be_are_refused(int tensor, int pipeline, int nodes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => s_dense.Predict(new ServingLayoutFacts(s_h100, tensor, pipeline, nodes)));

    [Fact]
    public void A_faster_device_or_link_is_never_slower() =>
        Prop.ForAll(
            Gen.Choose(1, 8000).Two().ToArbitrary(),
            Gen.Choose(1, 2000).Two().ToArbitrary(),
            Gen.Choose(0, 3).Two().ToArbitrary(),
            (bandwidth, link, exponents) =>
            {
                var (tensor, pipeline) = (1 << exponents.Item1, 1 << exponents.Item2);
                var slow = new DeviceSpeed(Math.Min(bandwidth.Item1, bandwidth.Item2), 100, true, Math.Min(link.Item1, link.Item2));
                var fast = new DeviceSpeed(Math.Max(bandwidth.Item1, bandwidth.Item2), 100, true, Math.Max(link.Item1, link.Item2));
                var (low, high) = (Predict(slow), Predict(fast));
                return high.DecodeTokensPerSecond >= low.DecodeTokensPerSecond && high.PrefillTokensPerSecond >= low.PrefillTokensPerSecond;

                SpeedPrediction Predict(DeviceSpeed device) => s_mixture.Predict(new ServingLayoutFacts(device, tensor, pipeline));
            }).QuickCheckThrowOnFailure();

    private static DeviceSpeed Of(string label) => ProductTable.Default.Find("nvidia", label)!.Speed;

    private static TransformerModel Config(string name) => TransformerModelReader.FromConfig(
        name, File.ReadAllBytes(Path.Combine(CaseFiles.Root, "tests", "Modeling.Tests", "cases", "configs", name + ".json")));
}
