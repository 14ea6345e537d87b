using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuStack.Kubernetes.Yaml;

/// <summary>
/// Reads YAML as JSON, the way kubectl does: plain scalars become null, booleans and numbers by YAML 1.1's rules
/// (yes and on are true), everything else a string. JSON is YAML.
/// </summary>
public static class YamlReader
{
    internal const int MaxDepth = 200;

    /// <summary>The only document of a text; null when it is empty.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fileName">For messages.</param>
    /// <exception cref="YamlFormatException">The text is no YAML, or has several documents.</exception>
    public static JsonNode? Read(string text, string fileName)
    {
        var documents = ReadDocuments(text, fileName);
        return documents.Count switch
        {
            0 => null,
            1 => documents[0],
            _ => throw new YamlFormatException($"{fileName} holds {documents.Count} documents; expected one."),
        };
    }

    /// <summary>All documents of a text, without the empty ones.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fileName">For messages.</param>
    /// <exception cref="YamlFormatException">The text is no YAML.</exception>
    public static IReadOnlyList<JsonNode> ReadDocuments(string text, string fileName)
    {
        // JSON is read as such: it is what kubectl prints by the megabyte.
        if (text.AsSpan().TrimStart().StartsWith("{") && TryReadJson(text) is { } json) return [json];
        var parser = new Parser(new StringReader(text));
        try
        {
            var documents = new List<JsonNode>();
            parser.Consume<StreamStart>();
            while (parser.TryConsume<DocumentStart>(out _))
            {
                if (new YamlDocumentReader(parser).Read() is { } document) documents.Add(document);
                parser.Consume<DocumentEnd>();
            }

            return documents;
        }
        catch (YamlException e)
        {
            throw new YamlFormatException($"{fileName}, line {e.Start.Line}: {e.Message.TrimEnd('.')}.", e);
        }
        catch (InvalidOperationException e)
        {
            // The scanner's own checks end so on some broken texts.
            throw new YamlFormatException($"{fileName}, line {parser.Current?.End.Line ?? 1}: not valid YAML.", e);
        }
    }

    private static JsonNode? TryReadJson(string text)
    {
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            // Flow-style YAML begins with a brace too; what is neither gets the YAML reader's message.
            return null;
        }
    }
}
