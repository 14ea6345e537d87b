namespace GpuStack.Simulator.Storage;

/// <summary>A consistent list: all objects as they were at <paramref name="ResourceVersion"/>, by namespace, then name.</summary>
/// <param name="Items">The objects.</param>
/// <param name="ResourceVersion">The store's version then; a watch from it misses nothing.</param>
public sealed record StoreList(IReadOnlyList<StoredObject> Items, long ResourceVersion);
