namespace GpuStack.Modeling.Transformers.Weights;

/// <summary>The parts of a tensor's name between its dots.</summary>
internal readonly ref struct NameParts(ReadOnlySpan<char> name, ReadOnlySpan<Range> ranges)
{
    private readonly ReadOnlySpan<char> _name = name;
    private readonly ReadOnlySpan<Range> _ranges = ranges;

    public int Count => _ranges.Length;

    /// <summary>Used by indices from the end.</summary>
    public int Length => _ranges.Length;

    public ReadOnlySpan<char> this[int index] => _name[_ranges[index]];
}
