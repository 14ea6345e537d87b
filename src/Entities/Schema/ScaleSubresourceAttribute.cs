namespace GpuStack.Entities.Schema;

/// <summary>Paths of the scale subresource.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ScaleSubresourceAttribute(string specReplicas, string statusReplicas, string labelSelector) : Attribute
{
    /// <summary>Where the wanted number stands.</summary>
    public string SpecReplicas { get; } = specReplicas;

    /// <summary>Where the present number stands.</summary>
    public string StatusReplicas { get; } = statusReplicas;

    /// <summary>Where the pods' selector stands, as a string.</summary>
    public string LabelSelector { get; } = labelSelector;
}
