namespace GpuStack.Modeling.Gguf;

/// <summary>What the headers of one model may keep in memory, all its files together. Safe for several readers at a time.</summary>
internal sealed class GgufBudget(GgufLimits limits)
{
    private long _kept;

    public GgufLimits Limits { get; } = limits;

    /// <summary>Counts memory in bytes; false when there is no more.</summary>
    public bool TryKeep(long bytes) => Interlocked.Add(ref _kept, bytes) <= Limits.KeptBytes;
}
