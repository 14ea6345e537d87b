namespace GpuStack.Kubernetes.Controllers;

/// <summary>Says what a controller needs to do with an entity; <c>generate rbac</c> makes the role of it.</summary>
/// <param name="entities">Classes that carry a <see cref="Models.KubernetesEntityAttribute"/>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class EntityRbacAttribute(params Type[] entities) : Attribute
{
    /// <summary>The entities.</summary>
    public IReadOnlyList<Type> Entities { get; } = entities;

    /// <summary>What is done to them.</summary>
    public RbacVerb Verbs { get; set; }

    /// <summary>A subresource such as <c>status</c>; empty for the resource itself.</summary>
    public string Subresource { get; set; } = "";
}
