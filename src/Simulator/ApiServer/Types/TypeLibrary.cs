using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace GpuStack.Simulator.ApiServer.Types;

/// <summary>The built-in API types, read from the embedded <c>*.types</c> files (their format is described in meta.types).</summary>
internal static class TypeLibrary
{
    private static readonly FrozenDictionary<string, FieldShape> Types = Load();

    /// <summary>All types by name.</summary>
    public static IReadOnlyDictionary<string, FieldShape> All => Types;

    /// <summary>The shape of a kind with apiVersion, kind and metadata.</summary>
    public static FieldShape Kind(string typeName)
    {
        var type = Types[typeName];
        var text = new FieldShape { Kind = ShapeKind.String };
        var fields = new Dictionary<string, FieldShape>(type.Fields, StringComparer.Ordinal)
        {
            ["apiVersion"] = text,
            ["kind"] = text,
            ["metadata"] = Types["ObjectMeta"],
        };
        return new FieldShape { Kind = ShapeKind.Object, TypeName = typeName, Fields = fields.ToFrozenDictionary(), Required = type.Required };
    }

    private static FrozenDictionary<string, FieldShape> Load()
    {
        var types = new Dictionary<string, FieldShape>(StringComparer.Ordinal);
        var bodies = new List<(FieldShape Type, List<string> Lines)>();
        foreach (var line in Lines())
        {
            if (char.IsWhiteSpace(line[0]))
            {
                bodies[^1].Lines.Add(line.Trim());
                continue;
            }

            var words = line.Split(' ');
            var type = new FieldShape { Kind = ShapeKind.Object, TypeName = words[0], Atomic = words.Contains("atomic") };
            types.Add(words[0], type);
            bodies.Add((type, []));
        }

        foreach (var (type, lines) in bodies)
            Fill(type, lines, types);
        return types.ToFrozenDictionary();
    }

    private static IEnumerable<string> Lines()
    {
        var assembly = typeof(TypeLibrary).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".types", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            while (reader.ReadLine() is { } line)
            {
                if (line.Length > 0 && line[0] != '#')
                    yield return line;
            }
        }
    }

    private static void Fill(FieldShape type, List<string> lines, Dictionary<string, FieldShape> types)
    {
        var fields = new Dictionary<string, FieldShape>(StringComparer.Ordinal);
        var required = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var words = line.Split(' ');
            var shape = Parse(words[1].TrimEnd('!'), words.Length > 2 ? words[2] : "", types);
            foreach (var name in words[0].Split(','))
            {
                fields.Add(name, shape);
                if (words[1].EndsWith('!'))
                    required.Add(name);
            }
        }

        type.Fields = fields.ToFrozenDictionary();
        type.Required = required.ToFrozenSet();
    }

    private static FieldShape Parse(string text, string suffix, Dictionary<string, FieldShape> types)
    {
        if (text.StartsWith("[]", StringComparison.Ordinal))
        {
            return new FieldShape
            {
                Kind = ShapeKind.List,
                Element = Parse(text[2..], "", types),
                Merge = suffix switch { "" => ListMerge.Atomic, "@set" => ListMerge.Set, _ => ListMerge.Map },
                Keys = suffix is "" or "@set" ? [] : [.. suffix[1..].Split(',').Select(Key)],
            };
        }

        if (text.StartsWith("[string]", StringComparison.Ordinal))
        {
            return new FieldShape
            {
                Kind = ShapeKind.Map,
                Element = Parse(text["[string]".Length..], "", types),
                Atomic = string.Equals(suffix, "atomic", StringComparison.Ordinal),
            };
        }

        return text switch
        {
            "string" => new FieldShape { Kind = ShapeKind.String },
            "int32" => new FieldShape { Kind = ShapeKind.Integer, Bits = 32 },
            "int64" => new FieldShape { Kind = ShapeKind.Integer },
            "bool" => new FieldShape { Kind = ShapeKind.Boolean },
            "quantity" => new FieldShape { Kind = ShapeKind.Quantity },
            "intOrString" => new FieldShape { Kind = ShapeKind.IntOrString },
            "time" => new FieldShape { Kind = ShapeKind.Time },
            "microTime" => new FieldShape { Kind = ShapeKind.MicroTime },
            "bytes" => new FieldShape { Kind = ShapeKind.Bytes },
            "any" => FieldShape.Any,
            _ => types.GetValueOrDefault(text) ?? throw new InvalidOperationException($"the type library names an unknown type '{text}'"),
        };
    }

    private static ListKey Key(string text)
    {
        var parts = text.Split('=');
        return new ListKey(parts[0], parts.Length > 1 ? JsonValue.Create(parts[1]) : null);
    }
}
