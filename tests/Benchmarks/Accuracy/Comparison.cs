using GpuStack.Golden.Rows;

namespace GpuStack.Benchmarks.Accuracy;

/// <summary>One figure predicted and reported, in MiB.</summary>
internal sealed record Comparison(GoldenConfiguration Configuration, string Device, string Part, double Predicted, double Reported)
{
    public double Difference => Predicted - Reported;

    public double Percent => Reported == 0 ? (Predicted == 0 ? 0 : 100) : 100 * Difference / Reported;
}
