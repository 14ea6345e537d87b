using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Placement.Speed;

/// <summary>
/// Speed of vLLM and SGLang for one request, per layout of ranks. It orders layouts; its absolute figures are not calibrated.
/// Immutable and safe to share.
/// </summary>
public sealed class ServingSpeedModel
{
    private readonly double _bytes;

    private ServingSpeedModel(TransformerModel model)
    {
        foreach (WeightPart part in model.Weights)
        {
            if (part.Layer != WeightPart.Towers)
                _bytes += part.Size.Value;
        }
    }

    /// <summary>Sums up a model; each prediction is cheap then.</summary>
    /// <param name="served">The model.</param>
    /// <returns>Its speed model.</returns>
    public static ServingSpeedModel Of(ServedModel served) => new(served.Model);

    /// <summary>Predicts the speed of a layout.</summary>
    /// <param name="layout">The layout; its sizes are at least 1.</param>
    /// <returns>The prediction, never calibrated.</returns>
    public SpeedPrediction Predict(in ServingLayoutFacts layout) =>
        layout.Device.BandwidthGBs <= 0
            ? default
            : new(layout.Device.BandwidthGBs * 1e9 * layout.TensorParallel / _bytes, null, Calibrated: false);
}
