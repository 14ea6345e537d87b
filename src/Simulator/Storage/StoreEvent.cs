namespace GpuStack.Simulator.Storage;

/// <summary>What happened to an object.</summary>
public enum StoreEventType
{
    /// <summary>It was created.</summary>
    Added,

    /// <summary>It has a new version.</summary>
    Modified,

    /// <summary>It is gone; the event carries its last state with the resourceVersion of the deletion.</summary>
    Deleted,
}

/// <summary>One change, in the order of <see cref="StoredObject.ResourceVersion"/>.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The new version (the last one, for deletions).</param>
/// <param name="Previous">The version before, null for additions.</param>
public sealed record StoreEvent(StoreEventType Type, StoredObject Object, StoredObject? Previous)
{
    /// <summary>Whether the version before has the same text at a path, or nothing there like the new one.</summary>
    internal bool IsSameAt(params ReadOnlySpan<string> path) => Previous is not null && JsonReading.RawAt(Object.Content, path).SequenceEqual(JsonReading.RawAt(Previous.Content, path));
}
