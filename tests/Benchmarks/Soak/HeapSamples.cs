namespace GpuStack.Benchmarks.Soak;

/// <summary>The live heap as time goes by, each time after a full collection.</summary>
internal sealed class HeapSamples
{
    private readonly List<(double Minutes, double Bytes)> _samples = [];
    private readonly long _start = TimeProvider.System.GetTimestamp();

    public double Take()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        double bytes = GC.GetTotalMemory(forceFullCollection: false);
        _samples.Add((TimeProvider.System.GetElapsedTime(_start).TotalMinutes, bytes));
        return bytes;
    }

    /// <summary>MiB, KiB a minute by least squares, and how much the median of the last third is above that of the first, in percent.</summary>
    public void Report(Dictionary<string, double> figures)
    {
        double meanTime = _samples.Average(sample => sample.Minutes);
        double meanBytes = _samples.Average(sample => sample.Bytes);
        double spread = _samples.Sum(sample => (sample.Minutes - meanTime) * (sample.Minutes - meanTime));
        double slope = spread == 0 ? 0 : _samples.Sum(sample => (sample.Minutes - meanTime) * (sample.Bytes - meanBytes)) / spread;
        int third = Math.Max(1, _samples.Count / 3);
        double first = Median(_samples.Take(third));
        double last = Median(_samples.TakeLast(third));
        figures["heap.samples"] = _samples.Count;
        figures["heap.minMiB"] = _samples.Min(sample => sample.Bytes) / (1024 * 1024);
        figures["heap.maxMiB"] = _samples.Max(sample => sample.Bytes) / (1024 * 1024);
        figures["heap.firstThirdMiB"] = first / (1024 * 1024);
        figures["heap.lastThirdMiB"] = last / (1024 * 1024);
        figures["heap.slopeKiBPerMinute"] = slope / 1024;
        figures["heap.growthPercent"] = 100 * ((last / first) - 1);
    }

    private static double Median(IEnumerable<(double Minutes, double Bytes)> samples)
    {
        double[] sorted = [.. samples.Select(sample => sample.Bytes).Order()];
        return sorted[sorted.Length / 2];
    }
}
