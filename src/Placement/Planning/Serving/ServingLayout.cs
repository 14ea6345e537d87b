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

    /// <summary>The most GPUs that are considered when so many would do: fewer than twice as many, for speed alone is not asked for.</summary>
    public static int MostGpus(int fewest) => (2 * fewest) - 1;

    /// <summary>Expected tokens per second for each GPU; less than zero when the speed is unknown.</summary>
    public double SpeedPerGpu => (Speed.DecodeTokensPerSecond ?? -1) / Gpus;

    /// <summary>
    /// What makes the most of its GPUs comes first: the fewest, as a rule, but not seven stages on seven GPUs where eight share each layer.
    /// Where speeds are unknown the fewest GPUs. Counts are compared that differ by less than twice (<see cref="MostGpus"/>).
    /// </summary>
    public static int CompareWorth(ServingLayout a, ServingLayout b)
    {
        var (left, right) = (Math.Max(-1, a.SpeedPerGpu), Math.Max(-1, b.SpeedPerGpu));
        var order = left < 0 && right < 0 ? 0 : right.CompareTo(left);
        return order != 0 ? order : a.Gpus.CompareTo(b.Gpus);
    }

    /// <summary>Faster before slower, known before unknown speeds.</summary>
    public static int CompareSpeed(ServingLayout a, ServingLayout b) =>
        (b.Speed.DecodeTokensPerSecond ?? -1).CompareTo(a.Speed.DecodeTokensPerSecond ?? -1);
}
