namespace GpuStack.Kubernetes.Models;

/// <summary>Names the API resource that a class stands for.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KubernetesEntityAttribute : Attribute
{
    /// <summary>The API group; empty for the core group.</summary>
    public string Group { get; set; } = "";

    /// <summary>The version within the group, such as <c>v1</c>.</summary>
    public string ApiVersion { get; set; } = "v1";

    /// <summary>The kind, such as <c>Pod</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>The resource's name in URLs, such as <c>pods</c>; the lower-case kind with an s when empty.</summary>
    public string PluralName { get; set; } = "";

    /// <summary>False for cluster-scoped resources such as nodes.</summary>
    public bool Namespaced { get; set; } = true;
}
