using System.Reflection;

namespace GpuStack.Kubernetes.Models;

/// <summary>What a <see cref="KubernetesEntityAttribute"/> says, with the names derived from it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version within the group.</param>
/// <param name="Kind">The kind.</param>
/// <param name="PluralName">The resource's name in URLs.</param>
/// <param name="Namespaced">False for cluster-scoped resources.</param>
public sealed record EntityMetadata(string Group, string Version, string Kind, string PluralName, bool Namespaced)
{
    /// <summary><c>group/version</c>, or the bare version for the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The path prefix of the group and version, such as <c>apis/apps/v1</c>.</summary>
    public string Path => Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";

    /// <summary>The metadata of <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">The class carries no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static EntityMetadata Of<T>() => Cache<T>.Value ??
        throw new InvalidOperationException($"{typeof(T).Name} carries no [KubernetesEntity] attribute; add it to the class.");

    /// <summary>The metadata of <paramref name="type"/>.</summary>
    /// <exception cref="InvalidOperationException">The class carries no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static EntityMetadata Of(Type type) => Read(type) ??
        throw new InvalidOperationException($"{type.Name} carries no [KubernetesEntity] attribute; add it to the class.");

    private static EntityMetadata? Read(Type type)
    {
        var attribute = type.GetCustomAttribute<KubernetesEntityAttribute>(inherit: false);
        if (attribute is null) return null;
        var plural = attribute.PluralName.Length > 0 ? attribute.PluralName : attribute.Kind.ToLowerInvariant() + "s";
        return new EntityMetadata(attribute.Group, attribute.ApiVersion, attribute.Kind, plural, attribute.Namespaced);
    }

    private static class Cache<T>
    {
        public static readonly EntityMetadata? Value = Read(typeof(T));
    }
}
