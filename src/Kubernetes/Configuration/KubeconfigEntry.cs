using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>One cluster, user or context of a file, or a part of it. A field of a wrong type is an error that names it.</summary>
internal sealed record KubeconfigEntry(Kubeconfig Source, string Path, JsonObject Fields)
{
    /// <summary>Null when the field is missing, null or empty.</summary>
    public string? Text(string field) => Fields[field] is { } value && TextOf(value, field) is { Length: > 0 } text ? text : null;

    public bool Flag(string field) => Fields[field] switch
    {
        null => false,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        var other => throw Error(field, $"is {Describe(other)}; expected true or false"),
    };

    /// <summary>Relative to the folder of the file that holds it.</summary>
    public string? FilePath(string field) => Text(field) is { } path ? System.IO.Path.GetFullPath(path, Source.Directory) : null;

    public IReadOnlyList<string> Texts(string field) => [.. List(field).Select((value, i) => TextOf(value, $"{field}[{i}]"))];

    /// <summary>A list whose items are maps.</summary>
    public IEnumerable<KubeconfigEntry> Entries(string field) => List(field).Select((value, i) => value is JsonObject fields
        ? new KubeconfigEntry(Source, $"{Path}.{field}[{i}]", fields)
        : throw Error($"{field}[{i}]", $"is {Describe(value)}; expected a map"));

    /// <summary>Null when the field is missing or null.</summary>
    public KubeconfigEntry? Map(string field) => Fields[field] switch
    {
        null => null,
        JsonObject fields => new KubeconfigEntry(Source, $"{Path}.{field}", fields),
        var other => throw Error(field, $"is {Describe(other)}; expected a map"),
    };

    /// <summary>PEM text from <c>FIELD-data</c> (base64) or from the file that <c>FIELD</c> names; null when neither is set.</summary>
    public PemSource? Pem(string field)
    {
        var path = FilePath(field);
        if (Text($"{field}-data") is not { } data) return path is null ? null : PemSource.OfFile(path);
        if (path is not null) throw Error(field, $"and {field}-data are both set; remove one");
        try
        {
            return PemSource.OfBase64(data);
        }
        catch (FormatException e)
        {
            throw Error($"{field}-data", "is not base64", e);
        }
    }

    public string ReadPem(PemSource source, string field)
    {
        try
        {
            return source.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Error(field, $"names {source.Path}, which cannot be read", e);
        }
    }

    /// <param name="field">The field, seen from this entry.</param>
    /// <param name="problem">What is wrong and what to do; without the value of anything secret.</param>
    /// <param name="cause">What was thrown.</param>
    public KubeconfigException Error(string field, string problem, Exception? cause = null) => new($"{Source.Name}: {Path}.{field} {problem}.", cause);

    /// <summary>The kind of a value, in words; never the value.</summary>
    public static string Describe(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "empty",
        JsonValueKind.Object => "a map",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };

    private JsonArray List(string field) => Fields[field] switch
    {
        null => [],
        JsonArray list => list,
        var other => throw Error(field, $"is {Describe(other)}; expected a list"),
    };

    private string TextOf(JsonNode? value, string field) => value is JsonValue scalar && scalar.TryGetValue<string>(out var text)
        ? text
        : throw Error(field, $"is {Describe(value)}; expected text{(value is JsonValue ? ", put it in quotes" : "")}");
}
