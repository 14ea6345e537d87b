namespace GpuStack.Simulator.Storage;

/// <summary>The outcome of a deletion.</summary>
/// <param name="Object">The object: its last state when it is gone, else with <c>deletionTimestamp</c>.</param>
/// <param name="Gone">Whether it left the store; otherwise finalizers or the kubelet hold it.</param>
public sealed record StoreDeletion(StoredObject Object, bool Gone);
