namespace GpuStack.Operator.Admission.Reviews;

/// <summary>
/// Room for the bodies of reviews that are read at a time: whoever reaches the port may send them, and many large ones at once must not end
/// the operator.
/// </summary>
/// <param name="bytes">Bytes of all of them.</param>
internal sealed class ReviewRoom(long bytes)
{
    private long _taken;

    /// <summary>Takes room; false when there is none.</summary>
    public bool TryTake(long size)
    {
        var taken = Volatile.Read(ref _taken);
        while (taken + size <= bytes)
        {
            var seen = Interlocked.CompareExchange(ref _taken, taken + size, taken);
            if (seen == taken)
                return true;
            taken = seen;
        }
        return false;
    }

    /// <summary>Gives room back.</summary>
    public void Return(long size) => Interlocked.Add(ref _taken, -size);
}
