namespace GpuStack.Kubernetes.Client;

/// <summary>What must still be true of an object for it to be deleted.</summary>
public sealed record DeletePreconditions
{
    /// <summary>The object's uid.</summary>
    public string? Uid { get; init; }

    /// <summary>The object's resourceVersion.</summary>
    public string? ResourceVersion { get; init; }
}
