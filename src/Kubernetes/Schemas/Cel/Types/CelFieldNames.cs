using System.Collections.Frozen;
using System.Text;

namespace GpuStack.Kubernetes.Schemas.Cel.Types;

/// <summary>Kubernetes' escaping of property names that are no CEL identifiers (<c>a-b</c> becomes <c>a__dash__b</c>).</summary>
internal static class CelFieldNames
{
    private static readonly FrozenSet<string> Keywords = new[]
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
        "let", "loop", "package", "namespace", "return", "var", "void", "while",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The escaped name, or null when CEL cannot reach such a property.</summary>
    public static string? Escape(string name)
    {
        if (Keywords.Contains(name))
            return $"__{name}__";
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            return null;
        var escaped = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c == '_' && i + 1 < name.Length && name[i + 1] == '_')
            {
                escaped.Append("__underscores__");
                i++;
                continue;
            }
            _ = c switch
            {
                '.' => escaped.Append("__dot__"),
                '-' => escaped.Append("__dash__"),
                '/' => escaped.Append("__slash__"),
                '_' => escaped.Append(c),
                _ when char.IsAsciiLetterOrDigit(c) => escaped.Append(c),
                _ => escaped.Append('\0'),
            };
        }
        var text = escaped.ToString();
        return text.Contains('\0', StringComparison.Ordinal) ? null : text;
    }
}
