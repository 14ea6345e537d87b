namespace GpuStack.Faults.Storage;

/// <summary>Which objects a request means: a namespace, labels by <c>a=b</c> or <c>a</c>, and a name by field.</summary>
internal sealed class Selector
{
    private readonly string? _namespace;
    private readonly (string Label, string? Value)[] _labels;
    private readonly string? _name;

    public Selector(string? namespaceName, string? labels, string? fields)
    {
        _namespace = namespaceName;
        _labels = [.. (labels ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Requirement)];
        _name = fields is { Length: > 0 } && Requirement(fields) is ("metadata.name", { } name) ? name : null;
    }

    public bool Matches(StoredObject entity)
    {
        if (_namespace is not null && entity.Namespace != _namespace) return false;
        if (_name is not null && entity.Name != _name) return false;
        foreach (var (label, value) in _labels)
        {
            if (!entity.Labels.TryGetValue(label, out var actual) || (value is not null && actual != value)) return false;
        }

        return true;
    }

    /// <summary>What the change is to somebody who sees only the selected objects; null when it is nothing.</summary>
    public string? TypeOf(StoreEvent change)
    {
        var before = change.Previous is { } previous && Matches(previous);
        var after = !change.IsDeletion && Matches(change.Object);
        return (before, after) switch
        {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            _ => null,
        };
    }

    private static (string Label, string? Value) Requirement(string text)
    {
        var sign = text.IndexOf('=', StringComparison.Ordinal);
        return sign < 0 ? (text, null) : (text[..sign], text[(sign + 1)..].TrimStart('='));
    }
}
