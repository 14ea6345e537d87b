using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>One kubeconfig file's content, with where it came from.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Directory">What its relative paths are relative to.</param>
/// <param name="Content">The parsed file.</param>
internal sealed record Kubeconfig(string Name, string Directory, JsonObject Content)
{
    public static Kubeconfig FromFile(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"The kubeconfig {path} cannot be read: {e.Message}", e);
        }

        return FromText(text, path, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    public static Kubeconfig FromText(string text, string name, string directory)
    {
        try
        {
            return YamlReader.Read(text, name) switch
            {
                null => new Kubeconfig(name, directory, []),
                JsonObject content => new Kubeconfig(name, directory, content),
                _ => throw new KubeconfigException($"The kubeconfig {name} must be a mapping with clusters, users and contexts."),
            };
        }
        catch (YamlFormatException e)
        {
            throw new KubeconfigException(e.Message, e);
        }
    }

    /// <summary>The entry of that name in a list such as <c>clusters</c>; null when there is none.</summary>
    public KubeconfigEntry? Find(string list, string name, string field)
    {
        if (Content[list] is not JsonArray entries) return null;
        foreach (var entry in entries)
        {
            if (entry is JsonObject candidate && candidate["name"]?.ToString() == name)
                return new KubeconfigEntry(this, $"{list}[{name}].{field}", candidate[field] as JsonObject ?? []);
        }

        return null;
    }
}
