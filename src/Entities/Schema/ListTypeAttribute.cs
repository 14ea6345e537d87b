namespace GpuStack.Entities.Schema;

/// <summary>How server-side apply merges a list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListTypeAttribute(ListKind kind, params string[] mapKeys) : Attribute
{
    /// <summary>Atomic, set or map.</summary>
    public ListKind Kind { get; } = kind;

    /// <summary>The keys of a map list.</summary>
    public IReadOnlyList<string> MapKeys { get; } = mapKeys;
}
