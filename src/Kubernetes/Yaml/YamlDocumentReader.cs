using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuStack.Kubernetes.Yaml;

/// <summary>
/// Turns the events of one document into JSON. Depth and size are bounded before anything is built, with aliases counted
/// as often as they are used, so that no text can exhaust stack or memory.
/// </summary>
internal sealed class YamlDocumentReader(IParser parser)
{
    /// <summary>No manifest, nor a dump of ten thousand nodes, has more.</summary>
    private const int MaxNodes = 5_000_000;

    private readonly Dictionary<string, Anchored> _anchors = [];
    private int _nodes;
    private int _deepest;

    public JsonNode? Read() => ReadNode(0);

    private JsonNode? ReadNode(int depth)
    {
        var begin = parser.Consume<ParsingEvent>();
        if (begin is AnchorAlias alias) return Repeat(alias, depth);
        var (nodesBefore, deepestBefore) = (_nodes, _deepest);
        _deepest = depth;
        Count(1, depth, begin);
        var node = begin switch
        {
            MappingStart => ReadMapping(depth),
            SequenceStart => ReadSequence(depth),
            Scalar scalar => YamlScalar.ToJson(scalar.Value, scalar.Style == ScalarStyle.Plain, scalar.Tag.IsEmpty ? null : scalar.Tag.Value),
            _ => throw Error(begin, "not supported"),
        };
        if (begin is NodeEvent { Anchor: { IsEmpty: false } anchor }) _anchors[anchor.Value] = new Anchored(node?.DeepClone(), _nodes - nodesBefore, _deepest - depth);
        _deepest = Math.Max(_deepest, deepestBefore);
        return node;
    }

    private JsonObject ReadMapping(int depth)
    {
        var properties = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<ParsingEvent>();
            if (key is not Scalar { Value: var name }) throw Error(key, "a key must be a plain word");
            if (name == "<<") throw Error(key, "merge keys (<<) are not supported");
            if (properties.ContainsKey(name)) throw Error(key, $"'{name}' is there twice");
            properties[name] = ReadNode(depth + 1);
        }

        return properties;
    }

    private JsonArray ReadSequence(int depth)
    {
        var items = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadNode(depth + 1));
        return items;
    }

    private JsonNode? Repeat(AnchorAlias alias, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored)) throw Error(alias, $"there is no anchor '{alias.Value.Value}' before this");
        Count(anchored.Nodes, depth + anchored.Height, alias);
        return anchored.Node?.DeepClone();
    }

    private void Count(int nodes, int depth, ParsingEvent at)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes) throw Error(at, "too many nodes");
        if (depth > YamlReader.MaxDepth) throw Error(at, $"nested deeper than {YamlReader.MaxDepth} levels");
        _deepest = Math.Max(_deepest, depth);
    }

    private static YamlException Error(ParsingEvent at, string problem) => new(at.Start, at.End, problem);

    /// <param name="Node">A copy of what was anchored.</param>
    /// <param name="Nodes">How many nodes it has.</param>
    /// <param name="Height">How deep it is nested.</param>
    private sealed record Anchored(JsonNode? Node, int Nodes, int Height);
}
