using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuStack.Entities.Manifests;

/// <summary>
/// Reads YAML documents as JSON, with the rules of kubectl: plain scalars are resolved as YAML 1.1 does (without y and n),
/// keys are strings and may not repeat, aliases are expanded. Composed from the parser's events with an explicit depth, because a
/// recursive composer overflows its stack on <c>[[[[…</c>, and with a count of values, because aliases multiply.
/// </summary>
public static class YamlJson
{
    /// <summary>The documents of <paramref name="text"/>; empty documents are left out.</summary>
    /// <exception cref="ManifestException">The text is no YAML, or beyond <paramref name="limits"/>.</exception>
    public static IReadOnlyList<JsonNode> Read(string text, string file, YamlLimits limits)
    {
        if (text.Length > limits.Characters)
            throw new ManifestException($"the file has {text.Length} characters, at most {limits.Characters} are read; split it", file);
        if (text.Contains('\0', StringComparison.Ordinal)) throw new ManifestException("the file is not text; expected YAML or JSON", file);
        try
        {
            using var reader = new StringReader(text);
            return new Composer(new Parser(reader), file, limits).Documents();
        }
        catch (YamlException exception)
        {
            throw new ManifestException($"the YAML cannot be read: {Reason(exception)}", file, exception.Start.Line, inner: exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException or NullReferenceException)
        {
            // The scanner's own failures on malformed input.
            throw new ManifestException("the YAML cannot be read; check its quotes, brackets and indentation", file, inner: exception);
        }
    }

    private static string Reason(YamlException exception)
    {
        var message = exception.Message;
        var prefix = message.IndexOf("): ", StringComparison.Ordinal);
        message = (prefix < 0 ? message : message[(prefix + 3)..]).Trim().TrimEnd('.');
        return message.Length == 0 ? "check its quotes, brackets and indentation" : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private sealed class Composer(Parser parser, string file, YamlLimits limits)
    {
        private readonly Dictionary<AnchorName, (JsonNode? Value, int Values)> _anchors = [];
        private int _values;

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
            if (depth > limits.Depth) throw Refuse($"the values are nested deeper than {limits.Depth}; flatten them", parser.Current);
            Count(1, parser.Current);
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                if (!_anchors.TryGetValue(alias.Value, out var target))
                    throw Refuse($"the alias *{alias.Value} names no anchor above it", alias);
                Count(target.Values, alias);
                return target.Value?.DeepClone();
            }

            var before = _values;
            var start = parser.Current as NodeEvent;
            var value = parser.Current switch
            {
                YamlDotNet.Core.Events.Scalar => Scalar(parser.Consume<Scalar>()),
                MappingStart => Map(depth),
                SequenceStart => List(depth),
                var other => throw Refuse("the YAML cannot be read", other),
            };
            if (start is { Anchor.IsEmpty: false }) _anchors[start.Anchor] = (value, _values - before + 1);
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

        private void Count(int values, ParsingEvent? at)
        {
            _values += values;
            if (_values > limits.Values)
                throw Refuse($"the file holds more than {limits.Values} values; split it or remove its aliases", at);
        }

        private ManifestException Refuse(string what, ParsingEvent? at) => new(what, file, at?.Start.Line);

        private static string Shorten(string text) =>
            text.Length <= 100 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 100)}…");
    }
}
