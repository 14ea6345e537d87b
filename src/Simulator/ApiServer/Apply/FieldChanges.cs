namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>The paths that differ between two versions of an object.</summary>
internal sealed record FieldChanges(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    public bool IsEmpty => Added.IsEmpty && Modified.IsEmpty && Removed.IsEmpty;

    /// <summary>What the writer now owns.</summary>
    public FieldSet Written()
    {
        var written = Added.Clone();
        written.UnionWith(Modified);
        return written;
    }

    public FieldChanges Below(string element) => new(Added.GetOrAdd(element), Modified.GetOrAdd(element), Removed.GetOrAdd(element));

    /// <summary>Drops the branches that <see cref="Below"/> opened in vain.</summary>
    public void Trim(string element)
    {
        foreach (var set in (ReadOnlySpan<FieldSet>)[Added, Modified, Removed])
        {
            if (set.Child(element) is { IsEmpty: true })
                set.Remove(element);
        }
    }
}
