using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>One kubeconfig file's content, with where it came from.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Directory">What its relative paths are relative to.</param>
/// <param name="Content">The parsed file.</param>
internal sealed record Kubeconfig(string Name, string Directory, JsonObject Content)
{
    /// <summary>current-context; null when it is missing or empty.</summary>
    public string? CurrentContext => Content["current-context"] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text.Length > 0 ? text : null,
        var other => throw new KubeconfigException($"{Name}: current-context is {KubeconfigEntry.Describe(other)}; expected text, put it in quotes."),
    };

    public static Kubeconfig FromFile(string path)
    {
        string text;
        try
        {
            text = BoundedFile.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"The kubeconfig {path} cannot be read: {e.Message.TrimEnd('.')}.", e);
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
                var other => throw new KubeconfigException(
                    $"The kubeconfig {name} is {KubeconfigEntry.Describe(other)}; expected a map with clusters, users and contexts."),
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
        if (Content[list] is not { } value) return null;
        if (value is not JsonArray entries) throw new KubeconfigException($"{Name}: {list} is {KubeconfigEntry.Describe(value)}; expected a list.");
        KubeconfigEntry? found = null;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is not JsonObject fields)
                throw new KubeconfigException($"{Name}: {list}[{i}] is {KubeconfigEntry.Describe(entries[i])}; expected a map with name and {field}.");
            var entry = new KubeconfigEntry(this, $"{list}[{i}]", fields);
            if (entry.Text("name") != name) continue;
            if (found is not null) throw new KubeconfigException($"{Name}: {list} has two entries named '{name}'; remove one.");
            found = new KubeconfigEntry(this, $"{list}[{name}].{field}", entry.Map(field)?.Fields ?? []);
        }

        return found;
    }
}
