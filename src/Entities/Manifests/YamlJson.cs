using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Entities.Manifests;

/// <summary>Reads YAML documents as JSON and says what is wrong as a <see cref="ManifestException"/>.</summary>
public static class YamlJson
{
    /// <summary>The documents of <paramref name="text"/>; empty documents are left out.</summary>
    /// <exception cref="ManifestException">The text is no YAML, or beyond <paramref name="limits"/>.</exception>
    public static IReadOnlyList<JsonNode> Read(string text, string file, YamlLimits limits)
    {
        try
        {
            return YamlReader.ReadDocuments(text, file, limits);
        }
        catch (YamlFormatException exception)
        {
            throw new ManifestException(exception.What, file, exception.Line, inner: exception);
        }
    }
}
