namespace GpuStack.Simulator.Storage;

/// <summary>What happens to the objects that an object owns when it is deleted.</summary>
public enum Propagation
{
    /// <summary>The garbage collector deletes them afterwards.</summary>
    Background,

    /// <summary>The object stays, with the finalizer <c>foregroundDeletion</c>, until the collector has deleted them.</summary>
    Foreground,

    /// <summary>The object stays, with the finalizer <c>orphan</c>, until the collector has released them.</summary>
    Orphan,
}

/// <summary>Options of <see cref="ClusterStore.Delete"/>.</summary>
public sealed record StoreDeleteOptions
{
    /// <summary>Seconds; 0 deletes at once, null takes the pod's <c>terminationGracePeriodSeconds</c> (30). Only pods wait.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>What happens to owned objects.</summary>
    public Propagation Propagation { get; init; } = Propagation.Background;

    /// <summary>Delete only the object with this uid.</summary>
    public string? Uid { get; init; }

    /// <summary>Delete only this version.</summary>
    public string? ResourceVersion { get; init; }
}
