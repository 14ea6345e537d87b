using System.Globalization;
using System.Text;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>The relative URLs of resources.</summary>
internal static class ResourcePath
{
    public static string Collection(EntityMetadata entity, string? namespaceName) => entity.Namespaced && !string.IsNullOrEmpty(namespaceName)
        ? $"{entity.Path}/namespaces/{Uri.EscapeDataString(namespaceName)}/{entity.PluralName}"
        : $"{entity.Path}/{entity.PluralName}";

    public static string Item(EntityMetadata entity, string? namespaceName, string? name, string subresource = "")
    {
        if (string.IsNullOrEmpty(name)) throw new ArgumentException($"The {entity.Kind} has no name; set metadata.name.", nameof(name));
        RequireNamespace(entity, namespaceName);
        var path = $"{Collection(entity, namespaceName)}/{Uri.EscapeDataString(name)}";
        return subresource.Length == 0 ? path : $"{path}/{subresource}";
    }

    public static void RequireNamespace(EntityMetadata entity, string? namespaceName)
    {
        if (entity.Namespaced && string.IsNullOrEmpty(namespaceName))
            throw new ArgumentException($"A {entity.Kind} lives in a namespace; set metadata.namespace.", nameof(namespaceName));
    }

    public static string WithQuery(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is null) continue;
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return text.ToString();
    }

    public static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
