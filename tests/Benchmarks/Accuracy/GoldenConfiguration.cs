using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Benchmarks.Accuracy;

/// <summary>One configuration of llama-server and what it reported, per device in its order; the host last.</summary>
internal sealed record GoldenConfiguration
{
    public required string Row { get; init; }

    public required string Model { get; init; }

    public required LlamaCppOptions Options { get; init; }

    public required int GpuLayers { get; init; }

    public required ImmutableArray<float> TensorSplit { get; init; }

    public required ImmutableArray<GoldenDevice> Devices { get; init; }

    /// <summary>The configuration's settings in one line, for messages.</summary>
    public string Describe() =>
        $"row {Row} {Model} -c {Options.ContextLength.Value * Options.ParallelRequests} -np {Options.ParallelRequests}"
        + $"{(Options.UnifiedKvCache ? " -kvu" : "")} -ctk {Options.KeyType.ArgumentName()} -fa {(Options.FlashAttention ? "on" : "off")}"
        + $" -ub {Options.MicroBatch} -ngl {GpuLayers} -ts {string.Join('/', TensorSplit)}";
}

/// <summary>What llama-server reported for one device, in MiB (whole numbers but for the compute buffer).</summary>
internal sealed record GoldenDevice(string Name, string Layers, double Model, double Context, double Compute)
{
    public double Total => Model + Context + Compute;
}

/// <summary>One figure predicted and reported, in MiB.</summary>
internal sealed record Comparison(GoldenConfiguration Configuration, string Device, string Part, double Predicted, double Reported)
{
    public double Difference => Predicted - Reported;

    public double Percent => Reported == 0 ? (Predicted == 0 ? 0 : 100) : 100 * Difference / Reported;

}
