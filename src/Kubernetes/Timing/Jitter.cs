namespace GpuStack.Kubernetes.Timing;

/// <summary>Spreads clients out, so that they do not all come back at once; nothing depends on its quality.</summary>
internal static class Jitter
{
    /// <summary>At least 0, below 1.</summary>
    public static double Fraction()
    {
#pragma warning disable CA5394
        return Random.Shared.NextDouble();
#pragma warning restore CA5394
    }
}
