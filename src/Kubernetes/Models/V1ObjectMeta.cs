using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>
/// Name, namespace, labels, owners and life of an object. Who owns which field (managedFields) is left out: it is as long as all the rest,
/// nothing here asks, and servers keep it when it is not sent.
/// </summary>
public sealed class V1ObjectMeta
{
    public string? Name { get; set; }

    public string? GenerateName { get; set; }

    public string? Namespace { get; set; }

    public string? Uid { get; set; }

    /// <summary>Opaque; only compared for equality and handed back to the server.</summary>
    public string? ResourceVersion { get; set; }

    /// <summary>Raised by the server when the spec changes, not for metadata and status.</summary>
    public long? Generation { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? CreationTimestamp { get; set; }

    /// <summary>Set when deletion was asked for; the object stays until its finalizers are gone.</summary>
    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? DeletionTimestamp { get; set; }

    public long? DeletionGracePeriodSeconds { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }

    public List<V1OwnerReference>? OwnerReferences { get; set; }

    public List<string>? Finalizers { get; set; }
}

/// <summary>An object that this one belongs to; in the same namespace, or cluster-scoped.</summary>
public sealed class V1OwnerReference
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public string? Name { get; set; }

    public string? Uid { get; set; }

    /// <summary>At most one owner of an object is its controller.</summary>
    public bool? Controller { get; set; }

    public bool? BlockOwnerDeletion { get; set; }
}
