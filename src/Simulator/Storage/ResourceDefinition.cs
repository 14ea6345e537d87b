namespace GpuStack.Simulator.Storage;

/// <summary>What the store has to know about a resource to keep its objects.</summary>
/// <param name="Key">Group and plural name.</param>
/// <param name="ApiVersion">The version that is stored, as in <c>apiVersion</c>: <c>apps/v1</c>.</param>
/// <param name="Kind">The kind, as in <c>kind</c>.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
public sealed record ResourceDefinition(ResourceKey Key, string ApiVersion, string Kind, bool Namespaced)
{
    /// <summary>Whether <c>status</c> is a subresource of its own: <see cref="ClusterStore.Update"/> then leaves it alone.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether <c>metadata.generation</c> counts the changes outside of <c>metadata</c> and <c>status</c>.</summary>
    public bool TracksGeneration { get; init; }

    /// <summary>Whether deletion waits for a grace period and the kubelet's confirmation (pods).</summary>
    public bool DeletesGracefully { get; init; }
}
