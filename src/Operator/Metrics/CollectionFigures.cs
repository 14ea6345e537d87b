namespace GpuStack.Operator.Metrics;

/// <summary>
/// Figures that all instruments of a meter read at one collection: they are made once for all of them, and are let go when the last has had
/// them. An instrument that asks again begins the next collection. Safe for concurrent use.
/// </summary>
/// <param name="make">Makes the figures as they are now.</param>
internal sealed class CollectionFigures<T>(Func<T> make)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _had = [];
    private T? _figures;
    private int _readers;

    /// <summary>What one instrument reads the figures by.</summary>
    public Func<T> Reader()
    {
        var reader = Interlocked.Increment(ref _readers);
        return () => Read(reader);
    }

    private T Read(int reader)
    {
        lock (_gate)
        {
            if (!_had.Add(reader))
            {
                _figures = null;
                _had.Clear();
                _had.Add(reader);
            }
            var figures = _figures ??= make();
            if (_had.Count == _readers)
            {
                _figures = null;
                _had.Clear();
            }
            return figures;
        }
    }
}
