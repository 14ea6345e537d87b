using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace GpuStack.Kubernetes.Yaml;

/// <summary>
/// Reads YAML documents as JSON, with the rules of kubectl: plain scalars are resolved as YAML 1.1 does (without y and n),
/// keys are strings and may not repeat, aliases are expanded. JSON is YAML.
/// </summary>
public static class YamlReader
{
    /// <summary>The only document of a manifest-sized text; null when it is empty.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fileName">For messages.</param>
    /// <exception cref="YamlFormatException">The text is no YAML, has several documents, or is beyond the limits of a manifest.</exception>
    public static JsonNode? Read(string text, string fileName)
    {
        var documents = ReadDocuments(text, fileName, YamlLimits.Manifest);
        return documents.Count switch
        {
            0 => null,
            1 => documents[0],
            _ => throw new YamlFormatException($"the file holds {documents.Count} documents; expected one", fileName),
        };
    }

    /// <summary>All documents of a text, without the empty ones.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fileName">For messages.</param>
    /// <param name="limits">What is read at the most.</param>
    /// <exception cref="YamlFormatException">The text is no YAML, or beyond <paramref name="limits"/>.</exception>
    public static IReadOnlyList<JsonNode> ReadDocuments(string text, string fileName, YamlLimits limits)
    {
        if (text.Length > limits.Characters)
            throw new YamlFormatException($"the file has {text.Length} characters, at most {limits.Characters} are read; split it", fileName);
        if (text.Contains('\0', StringComparison.Ordinal)) throw new YamlFormatException("the file is not text; expected YAML or JSON", fileName);
        // JSON is read as such: it is what kubectl prints by the megabyte. An escaped half of a surrogate pair would fail only when used.
        if (text.AsSpan().TrimStart().StartsWith("{") && !text.Contains("\\ud", StringComparison.OrdinalIgnoreCase) && TryReadJson(text, limits.Depth) is { } json) return [json];
        try
        {
            using var reader = new StringReader(text);
            return new YamlComposer(new Parser(reader), fileName, limits).Documents();
        }
        catch (YamlException exception)
        {
            throw new YamlFormatException($"the YAML cannot be read: {Reason(exception)}", fileName, exception.Start.Line, exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException or NullReferenceException)
        {
            // The scanner's own failures on malformed input.
            throw new YamlFormatException("the YAML cannot be read; check its quotes, brackets and indentation", fileName, innerException: exception);
        }
    }

    private static string Reason(YamlException exception)
    {
        var message = exception.Message;
        var prefix = message.IndexOf("): ", StringComparison.Ordinal);
        message = (prefix < 0 ? message : message[(prefix + 3)..]).Trim().TrimEnd('.');
        return message.Length == 0 ? "check its quotes, brackets and indentation" : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private static JsonNode? TryReadJson(string text, int depth)
    {
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = depth, AllowDuplicateProperties = false });
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // Flow-style YAML begins with a brace too; what is neither, or no Unicode, gets the YAML reader's message.
            return null;
        }
    }
}
