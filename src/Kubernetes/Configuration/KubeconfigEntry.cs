using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>One cluster, user or context of a file.</summary>
internal sealed record KubeconfigEntry(Kubeconfig Source, string Path, JsonObject Fields)
{
    public string? Text(string field) => Fields[field]?.ToString() is { Length: > 0 } text ? text : null;

    public bool Flag(string field) => Fields[field] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public string? FilePath(string field) => Text(field) is { } path ? System.IO.Path.Combine(Source.Directory, path) : null;

    /// <summary>PEM text from <c>FIELD-data</c> (base64) or from the file that <c>FIELD</c> names; null when neither is set.</summary>
    public string? Pem(string field)
    {
        if (Text(field + "-data") is { } data)
        {
            try
            {
                return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException e)
            {
                throw Error($"{field}-data", "is not base64", e);
            }
        }

        if (FilePath(field) is not { } path) return null;
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Error(field, $"names {path}, which cannot be read", e);
        }
    }

    public KubeconfigException Error(string field, string problem, Exception? cause = null) =>
        new($"{Source.Name}: {Path}.{field} {problem}.", cause);
}
