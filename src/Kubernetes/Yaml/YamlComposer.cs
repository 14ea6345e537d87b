using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuStack.Kubernetes.Yaml;

/// <summary>
/// Composes JSON from the parser's events with an explicit depth, because a recursive composer overflows its stack on <c>[[[[…</c>, and
/// with a count of values, because aliases multiply.
/// </summary>
internal sealed class YamlComposer(IParser parser, string file, YamlLimits limits)
{
    private readonly Dictionary<AnchorName, Anchored> _anchors = [];
    private int _values;
    private int _deepest;

    public List<JsonNode> Documents()
    {
        var documents = new List<JsonNode>();
        parser.Consume<StreamStart>();
        while (parser.TryConsume<DocumentStart>(out _))
        {
            _anchors.Clear();
            if (Value(0) is { } document) documents.Add(document);
            parser.Consume<DocumentEnd>();
        }
        return documents;
    }

    private JsonNode? Value(int depth)
    {
        Enter(depth, parser.Current);
        Count(1, parser.Current);
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!_anchors.TryGetValue(alias.Value, out var target))
                throw Refuse($"the alias *{alias.Value} names no anchor above it", alias);
            Count(target.Values, alias);
            Enter(depth + target.Height, alias);
            return target.Value?.DeepClone();
        }

        var (before, deepestBefore) = (_values, _deepest);
        _deepest = depth;
        var start = parser.Current as NodeEvent;
        var value = parser.Current switch
        {
            YamlDotNet.Core.Events.Scalar => Scalar(parser.Consume<Scalar>()),
            MappingStart => Map(depth),
            SequenceStart => List(depth),
            var other => throw Refuse("the YAML cannot be read", other),
        };
        if (start is { Anchor.IsEmpty: false })
            _anchors[start.Anchor] = new Anchored(value?.DeepClone(), _values - before + 1, _deepest - depth);
        _deepest = Math.Max(_deepest, deepestBefore);
        return value;
    }

    private JsonObject Map(int depth)
    {
        parser.Consume<MappingStart>();
        var map = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key)) throw Refuse("a key must be plain text", parser.Current);
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
                throw Refuse("merge keys (<<) are not read; write the fields out", key);
            if (map.ContainsKey(key.Value)) throw Refuse($"the key '{Shorten(key.Value)}' stands twice; remove one", key);
            map[key.Value] = Value(depth + 1);
        }
        return map;
    }

    private JsonArray List(int depth)
    {
        parser.Consume<SequenceStart>();
        var list = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _)) list.Add(Value(depth + 1));
        return list;
    }

    private JsonNode? Scalar(Scalar scalar)
    {
        if (!scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific)
        {
            return scalar.Tag.Value switch
            {
                "tag:yaml.org,2002:str" => JsonValue.Create(scalar.Value),
                "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:null" => Plain(scalar),
                var tag => throw Refuse($"the tag {Shorten(tag)} is not read; write the plain value", scalar),
            };
        }
        return scalar.Style == ScalarStyle.Plain ? Plain(scalar) : JsonValue.Create(scalar.Value);
    }

    private JsonNode? Plain(Scalar scalar)
    {
        var text = scalar.Value;
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
            case ".inf" or ".Inf" or "-.inf" or "-.Inf" or "+.inf" or "+.Inf" or ".nan" or ".NaN" or ".NAN" or ".INF" or "-.INF" or "+.INF":
                throw Refuse($"{text} is no number that JSON can carry", scalar);
        }
        return YamlNumber.TryRead(text) is { } number ? number : JsonValue.Create(text);
    }

    private void Enter(int depth, ParsingEvent? at)
    {
        if (depth > limits.Depth) throw Refuse($"the values are nested deeper than {limits.Depth}; flatten them", at);
        _deepest = Math.Max(_deepest, depth);
    }

    private void Count(int values, ParsingEvent? at)
    {
        _values += values;
        if (_values > limits.Values)
            throw Refuse($"the file holds more than {limits.Values} values; split it or remove its aliases", at);
    }

    private YamlFormatException Refuse(string what, ParsingEvent? at) => new(what, file, at?.Start.Line);

    private static string Shorten(string text) =>
        text.Length <= 100 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 100)}…");

    /// <param name="Value">A copy of what was anchored.</param>
    /// <param name="Values">How many values it has, itself included.</param>
    /// <param name="Height">How deep it is nested.</param>
    private sealed record Anchored(JsonNode? Value, int Values, int Height);
}
