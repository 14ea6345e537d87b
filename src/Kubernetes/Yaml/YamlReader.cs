using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuStack.Kubernetes.Yaml;

/// <summary>
/// Reads YAML as JSON, the way kubectl does: plain scalars become null, booleans and numbers by YAML 1.1's rules
/// (yes and on are true), everything else a string. JSON is YAML.
/// </summary>
public static class YamlReader
{
    /// <summary>Aliases can blow a small text up; no manifest has more nodes than this.</summary>
    private const int MaxNodes = 5_000_000;

    private const int MaxDepth = 200;

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
        if (text.AsSpan().TrimStart().StartsWith("{")) return [ReadJson(text, fileName)];
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new YamlFormatException($"{fileName}, line {e.Start.Line}: {e.Message.TrimEnd('.')}.", e);
        }

        var conversion = new Conversion(fileName);
        var documents = new List<JsonNode>();
        foreach (var document in stream.Documents)
        {
            if (conversion.Convert(document.RootNode, 0) is { } node) documents.Add(node);
        }

        return documents;
    }

    private static JsonNode ReadJson(string text, string fileName)
    {
        try
        {
            return JsonNode.Parse(text)!;
        }
        catch (JsonException e)
        {
            throw new YamlFormatException($"{fileName}, line {e.LineNumber + 1}: not valid JSON.", e);
        }
    }

    private sealed class Conversion(string fileName)
    {
        private int _nodes;

        public JsonNode? Convert(YamlNode node, int depth)
        {
            if (++_nodes > MaxNodes) throw Error(node, "too many nodes");
            if (depth > MaxDepth) throw Error(node, $"nested deeper than {MaxDepth} levels");
            switch (node)
            {
                case YamlMappingNode mapping:
                    var properties = new JsonObject();
                    foreach (var (key, value) in mapping.Children)
                    {
                        if (key is not YamlScalarNode { Value: { } name }) throw Error(key, "a key must be a plain word");
                        if (name == "<<") throw Error(key, "merge keys (<<) are not supported");
                        properties[name] = Convert(value, depth + 1);
                    }

                    return properties;
                case YamlSequenceNode sequence:
                    var items = new JsonArray();
                    foreach (var item in sequence.Children) items.Add(Convert(item, depth + 1));
                    return items;
                case YamlScalarNode scalar:
                    return YamlScalar.ToJson(scalar.Value, scalar.Style == ScalarStyle.Plain, scalar.Tag.IsEmpty ? null : scalar.Tag.Value);
                default:
                    throw Error(node, "not supported");
            }
        }

        private YamlFormatException Error(YamlNode node, string problem) =>
            new(string.Create(CultureInfo.InvariantCulture, $"{fileName}, line {node.Start.Line}: {problem}."));
    }
}
