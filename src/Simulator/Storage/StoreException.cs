namespace GpuStack.Simulator.Storage;

/// <summary>Why the store refused.</summary>
public enum StoreFailure
{
    /// <summary>There is no such object.</summary>
    NotFound,

    /// <summary>The namespace to create in does not exist.</summary>
    NamespaceNotFound,

    /// <summary>The namespace to create in is being deleted.</summary>
    NamespaceTerminating,

    /// <summary>An object of this name exists.</summary>
    AlreadyExists,

    /// <summary>The object was modified since it was read.</summary>
    Conflict,

    /// <summary>A precondition of a deletion does not hold.</summary>
    Precondition,

    /// <summary>The history does not reach back to the resourceVersion asked for.</summary>
    Expired,

    /// <summary>A quota of the namespace has no room for the object.</summary>
    QuotaExceeded,

    /// <summary>The object lacks what every object needs (a name, a namespace).</summary>
    Invalid,
}

/// <summary>A refusal of <see cref="ClusterStore"/>.</summary>
public sealed class StoreException : Exception
{
    internal StoreException(StoreFailure failure, ResourceKey resource, string? name, string message) : base(message)
    {
        Failure = failure;
        Resource = resource;
        Name = name;
    }

    internal static StoreException Missing(ResourceKey resource, string name) =>
        new(StoreFailure.NotFound, resource, name, $"{resource} \"{name}\" not found");

    internal static StoreException Stale(ResourceKey resource, string name) => new(
        StoreFailure.Conflict, resource, name,
        $"Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; please apply your changes to the latest version and try again");

    internal static StoreException TooOld(ResourceKey resource, long version, long oldest) =>
        new(StoreFailure.Expired, resource, null, $"too old resource version: {version} ({oldest})");

    /// <summary>Why.</summary>
    public StoreFailure Failure { get; }

    /// <summary>The resource concerned.</summary>
    public ResourceKey Resource { get; }

    /// <summary>The object's name, where one is concerned.</summary>
    public string? Name { get; }
}
