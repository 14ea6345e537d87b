namespace GpuStack.Benchmarks.Clusters;

/// <summary>Quantiles of some values: the smallest value that as many as asked for do not exceed.</summary>
internal sealed class Quantiles(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    /// <param name="share">From 0 to 1, the largest.</param>
    public double At(double share) => _sorted.Length == 0 ? 0 : _sorted[Math.Max(0, (int)Math.Ceiling(share * _sorted.Length) - 1)];
}
