using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Golden.Rows;

/// <summary>One configuration of llama-server and what it reported, per device in its order; the host last.</summary>
internal sealed record GoldenConfiguration
{
    public required string Row { get; init; }

    public required string Model { get; init; }

    public required LlamaCppOptions Options { get; init; }

    public required int GpuLayers { get; init; }

    public required ImmutableArray<float> TensorSplit { get; init; }

    public required ImmutableArray<GoldenDevice> Devices { get; init; }

    /// <summary>What the model is predicted to take in this configuration, the devices in the same order.</summary>
    public MemoryEstimate Estimate(LlamaCppModel model)
    {
        LlamaCppCosts costs = LlamaCppCosts.Create(model, Options);
        int layers = Math.Min(GpuLayers, costs.OffloadableLayers);
        return costs.Estimate(new DeviceSplit
        {
            LayersPerDevice = LayerSplit.LayersPerDevice(layers, TensorSplit),
            RpcDevices = Devices.Length - 1,
        });
    }

    /// <summary>The configuration's settings in one line, for messages.</summary>
    public string Describe() =>
        $"row {Row} {Model} -c {Options.ContextLength.Value * Options.ParallelRequests} -np {Options.ParallelRequests}"
        + $"{(Options.UnifiedKvCache ? " -kvu" : "")} -ctk {Options.KeyType.ArgumentName()} -ctv {Options.ValueType.ArgumentName()} -fa {(Options.FlashAttention ? "on" : "off")}"
        + $" -ub {Options.MicroBatch} -ngl {GpuLayers} -ts {string.Join('/', TensorSplit)}"
        + (Options.FullSlidingWindow ? " --swa-full" : "");
}
