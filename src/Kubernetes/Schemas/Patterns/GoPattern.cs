using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuStack.Kubernetes.Schemas.Patterns;

/// <summary>
/// A regular expression in Go's RE2 syntax, run by .NET's non-backtracking engine: linear time, no look-around and no
/// back-references, as in Go. What differs is translated: ASCII classes, <c>(?P&lt;name&gt;</c>, <c>[[:alpha:]]</c>,
/// and <c>$</c>, which in Go means the very end.
/// </summary>
internal sealed class GoPattern
{
    private const int MaxLength = 4096;
    private const int MaxCached = 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<string, GoPattern> Cache = new(StringComparer.Ordinal);

    private readonly Regex _regex;

    private GoPattern(string text)
    {
        Text = text;
        _regex = new Regex(
            Translate(text), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout);
    }

    public string Text { get; }

    /// <exception cref="FormatException">The text is no RE2 expression.</exception>
    public static GoPattern Parse(string text)
    {
        if (Cache.TryGetValue(text, out var known))
            return known;
        if (text.Length > MaxLength)
            throw new FormatException($"a regular expression of {text.Length} characters is longer than {MaxLength}");
        try
        {
            var pattern = new GoPattern(text);
            if (Cache.Count < MaxCached)
                Cache.TryAdd(text, pattern);
            return pattern;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"error parsing regexp `{text}`: {e.Message}", e);
        }
    }

    /// <exception cref="RegexMatchTimeoutException">The text is so long that matching took over a second.</exception>
    public bool IsMatch(string input) => _regex.IsMatch(input);

    /// <summary>The matches from the start, at most <paramref name="limit"/>.</summary>
    /// <exception cref="RegexMatchTimeoutException">The text is so long that matching took over a second.</exception>
    public IEnumerable<string> Find(string input, int limit)
    {
        for (var match = _regex.Match(input); match.Success && limit-- > 0; match = match.NextMatch())
            yield return match.Value;
    }

    private static string Translate(string go)
    {
        var output = new StringBuilder(go.Length + 16);
        var inClass = false;
        for (var i = 0; i < go.Length; i++)
        {
            var c = go[i];
            if (c == '\\' && i + 1 < go.Length)
            {
                Escape(output, go[++i], inClass);
            }
            else if (inClass && c == '[' && go.AsSpan(i).StartsWith("[:"))
            {
                var end = go.IndexOf(":]", i, StringComparison.Ordinal);
                if (end < 0)
                    throw new ArgumentException("missing closing ]");
                output.Append(PosixClass(go[(i + 2)..end]));
                i = end + 1;
            }
            else if (inClass)
            {
                // .NET reads "-[" in a class as subtraction; Go reads a plain bracket.
                output.Append(c == '[' ? "\\[" : c.ToString());
                inClass = c != ']' || IsFirstInClass(go, i);
            }
            else if (c == '[')
            {
                inClass = true;
                output.Append(c);
            }
            else if (c == '$')
            {
                output.Append("\\z");
            }
            else if (c == '(' && go.AsSpan(i).StartsWith("(?P<"))
            {
                output.Append("(?<");
                i += 3;
            }
            else
            {
                output.Append(c);
            }
        }
        return output.ToString();
    }

    /// <summary>Whether the bracket at <paramref name="i"/> directly follows "[" or "[^", where it is a literal.</summary>
    private static bool IsFirstInClass(string go, int i) =>
        go[i - 1] == '[' || (i >= 2 && go[i - 1] == '^' && go[i - 2] == '[');

    private static void Escape(StringBuilder output, char c, bool inClass) => _ = (c, inClass) switch
    {
        ('d', true) => output.Append("0-9"),
        ('d', false) => output.Append("[0-9]"),
        ('D', false) => output.Append("[^0-9]"),
        ('w', true) => output.Append("0-9A-Za-z_"),
        ('w', false) => output.Append("[0-9A-Za-z_]"),
        ('W', false) => output.Append("[^0-9A-Za-z_]"),
        ('s', true) => output.Append("\\t\\n\\f\\r "),
        ('s', false) => output.Append("[\\t\\n\\f\\r ]"),
        ('S', false) => output.Append("[^\\t\\n\\f\\r ]"),
        ('Z' or 'G' or (>= '1' and <= '9') or 'k', _) => throw new ArgumentException($"invalid escape sequence: `\\{c}`"),
        _ => output.Append('\\').Append(c),
    };

    private static string PosixClass(string name) => name switch
    {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "digit" => "0-9",
        "lower" => "a-z",
        "upper" => "A-Z",
        "space" => "\\t\\n\\v\\f\\r ",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        "punct" => "!-/:-@\\[-`{-~",
        "blank" => "\\t ",
        "cntrl" => "\\x00-\\x1f\\x7f",
        "print" => " -~",
        "graph" => "!-~",
        "ascii" => "\\x00-\\x7f",
        _ => throw new ArgumentException($"invalid character class range: `[:{name}:]`"),
    };
}
