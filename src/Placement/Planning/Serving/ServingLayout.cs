using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>A way to serve the model that fits: equally many GPUs on each of some nodes.</summary>
/// <param name="Nodes">Nodes.</param>
/// <param name="GpusPerNode">GPUs on each.</param>
/// <param name="Fit">How the model is divided, and what that takes.</param>
/// <param name="Speed">What is expected of it.</param>
internal sealed record ServingLayout(int Nodes, int GpusPerNode, LayoutFit Fit, SpeedPrediction Speed)
{
    public int Gpus => Nodes * GpusPerNode;

    /// <summary>Faster before slower, known before unknown speeds.</summary>
    public static int CompareSpeed(ServingLayout a, ServingLayout b) =>
        (b.Speed.DecodeTokensPerSecond ?? -1).CompareTo(a.Speed.DecodeTokensPerSecond ?? -1);
}
