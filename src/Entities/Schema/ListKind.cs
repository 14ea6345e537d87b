namespace GpuStack.Entities.Schema;

/// <summary><c>x-kubernetes-list-type</c>.</summary>
public enum ListKind
{
    /// <summary>Replaced as a whole.</summary>
    Atomic,

    /// <summary>Unordered, no value twice.</summary>
    Set,

    /// <summary>Merged item by item, by its keys.</summary>
    Map,
}
