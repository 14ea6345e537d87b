using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace GpuStack.Modeling.Transformers.Quantization;

/// <summary>
/// A list of modules by name: whole names, parts of names (<c>visual</c>), prefixes (<c>model.layers.0.self_attn*</c>), other
/// globs, and regular expressions after <c>re:</c>. Names and parts are looked up, so a list of thousands costs no more than one
/// of a few; globs and expressions, which cost time for each module, are bounded in number and run without backtracking.
/// </summary>
internal sealed class ModulePatterns
{
    private const int MaximumExpressions = 32;
    private const int MaximumExpressionLength = 256;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _globs = [];
    private readonly List<Regex> _expressions = [];

    public ModulePatterns(ImmutableArray<string> patterns)
    {
        foreach (string pattern in patterns)
        {
            if (pattern.StartsWith("re:", StringComparison.Ordinal))
            {
                AddExpression(pattern[3..]);
                continue;
            }

            string name = pattern.TrimEnd('*').TrimEnd('.');
            if (!name.Contains('*', StringComparison.Ordinal))
            {
                _names.Add(name);
            }
            else if (_globs.Count < MaximumExpressions && pattern.Length <= MaximumExpressionLength)
            {
                _globs.Add(pattern);
            }
            else
            {
                NotUnderstood = true;
            }
        }
    }

    /// <summary>True when a pattern had to be left out: too long, one too many, or of a form that is not supported.</summary>
    public bool NotUnderstood { get; private set; }

    /// <summary>Whether the list has this module, one that it lies in, or one of its parts.</summary>
    public bool Match(string module)
    {
        return (_names.Count > 0 && MatchName(module))
            || _globs.Exists(glob => FileSystemName.MatchesSimpleExpression(glob, module, ignoreCase: false))
            || _expressions.Exists(expression => expression.IsMatch(module));
    }

    private bool MatchName(ReadOnlySpan<char> module)
    {
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> names = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int start = 0; start >= 0 && start < module.Length;)
        {
            ReadOnlySpan<char> rest = module[start..];
            for (int end = rest.Length; end > 0; end = rest[..end].LastIndexOf('.'))
            {
                if (names.Contains(rest[..end]))
                {
                    return true;
                }
            }

            int dot = rest.IndexOf('.');
            start = dot < 0 ? -1 : start + dot + 1;
        }

        return false;
    }

    private void AddExpression(string expression)
    {
        if (_expressions.Count >= MaximumExpressions || expression.Length > MaximumExpressionLength)
        {
            NotUnderstood = true;
            return;
        }

        try
        {
            // Python's re.match anchors at the start only.
            _expressions.Add(new Regex($"^(?:{expression})", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            NotUnderstood = true;
        }
    }
}
