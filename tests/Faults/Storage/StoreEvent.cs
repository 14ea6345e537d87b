using System.Collections.Immutable;

namespace GpuStack.Faults.Storage;

/// <summary>One change.</summary>
/// <param name="Version">The version that it made.</param>
/// <param name="Object">The object after it; of a deletion the last state, with the deletion's version.</param>
/// <param name="Previous">The object before it; null for a creation.</param>
/// <param name="IsDeletion">Whether the object is gone.</param>
/// <param name="After">All objects of the resource after it.</param>
internal sealed record StoreEvent(
    long Version, StoredObject Object, StoredObject? Previous, bool IsDeletion, ImmutableSortedDictionary<string, StoredObject> After);
