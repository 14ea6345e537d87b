using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Tests.Speed;

public sealed class SpeedModelTests
{
    private const int H200 = 4800;

    /// <summary>llama-bench on two H200, Qwen2.5-32B Q4_K_M, decode of 64 tokens; the third column is the round trip.</summary>
    public static TheoryData<int[], int, double, double> Measured => new()
    {
        { [65], 0, 0, 77.89 },
        { [33, 32], 0, 0, 77.58 },
        { [33, 32], 1, 0, 70.61 },
        { [33, 32], 1, 0.2, 68.52 },
        { [33, 32], 1, 1.0, 65.97 },
    };

    [Theory]
    [MemberData(nameof(Measured))]
    public void Predicts_the_measured_32B_rows_within_five_percent(int[] layers, int rpcDevices, double roundTrip, double measured)
    {
        var predicted = new SpeedModel(SyntheticModels.Qwen32B).TokensPerSecond(layers, [.. layers.Select(_ => H200)], rpcDevices, roundTrip);
        Assert.NotNull(predicted);
        Assert.InRange(predicted.Value / measured, 0.95, 1.05);
    }

    [Fact]
    public void Predicts_the_8B_row_of_one_GPU_within_ten_percent() =>
        Assert.InRange(new SpeedModel(SyntheticModels.Llama8B).TokensPerSecond([33], [H200], 0)!.Value / 222.13, 0.9, 1.1);

    [Fact]
    public void Only_the_experts_used_are_read()
    {
        var model = SyntheticModels.DeepSeekR1;
        var active = new SpeedModel(model).ActiveBytesPerLayer;
        Assert.Equal(model.LayerWeights[0], active[0]);
        Assert.InRange((double)active[10] / model.LayerWeights[10], 0.03, 0.1);
    }

    [Fact]
    public void An_unknown_product_has_no_prediction() =>
        Assert.Null(new SpeedModel(SyntheticModels.Llama8B).TokensPerSecond([33], [0], 0));
}
