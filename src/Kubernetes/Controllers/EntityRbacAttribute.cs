namespace GpuStack.Kubernetes.Controllers;

/// <summary>Says what a class needs to do with entities, or with paths that stand for none; <c>generate rbac</c> makes the roles of it.</summary>
/// <param name="entities">Classes that carry a <see cref="Models.KubernetesEntityAttribute"/>; none where <see cref="NonResourceUrls"/> are given.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class EntityRbacAttribute(params Type[] entities) : Attribute
{
    /// <summary>The entities.</summary>
    public IReadOnlyList<Type> Entities { get; } = entities;

    /// <summary>What is done to them.</summary>
    public RbacVerb Verbs { get; set; }

    /// <summary>A subresource such as <c>status</c>; empty for the resource itself.</summary>
    public string Subresource { get; set; } = "";

    /// <summary>
    /// The only objects that it is done to, by name; empty for all. It does not hold for <see cref="RbacVerb.Create"/>, which a server asks
    /// about before it knows the name; lists and watches must select the one name by <c>metadata.name</c>. So creation is an attribute of
    /// its own, without names.
    /// </summary>
    public string[] ResourceNames { get; set; } = [];

    /// <summary>Paths of the server itself, such as <c>/metrics</c>; for roles of the whole cluster only.</summary>
    public string[] NonResourceUrls { get; set; } = [];

    /// <summary>
    /// The role that has the rule, by the name that the generator gives it. Empty: what is in namespaces goes into the role of the
    /// namespaces, what is the cluster's into that of the cluster.
    /// </summary>
    public string Role { get; set; } = "";
}
