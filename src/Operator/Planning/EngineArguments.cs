using System.Globalization;

namespace GpuStack.Operator.Planning;

/// <summary>
/// Flags in <c>spec.engine.args</c>, as far as memory depends on them: <c>--flag value</c> or <c>--flag=value</c>, with dashes or
/// underscores; the last one counts. A value that cannot be read is left for the engine to complain about.
/// </summary>
internal sealed class EngineArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public EngineArguments(IReadOnlyList<string>? arguments)
    {
        for (var i = 0; i < (arguments?.Count ?? 0); i++)
        {
            var argument = arguments![i];
            if (!argument.StartsWith('-'))
                continue;
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? argument : argument[..equals]).Replace('_', '-');
            var next = i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal) ? arguments[i + 1] : "";
            _values[name] = equals < 0 ? next : argument[(equals + 1)..];
        }
    }

    /// <summary>Whether one of the flags is there.</summary>
    public bool Has(params ReadOnlySpan<string> names) => Text(names) is not null;

    /// <summary>The value of the first of the flags that is there; empty for a flag without one.</summary>
    public string? Text(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_values.TryGetValue(name, out var value))
                return value;
        }

        return null;
    }

    /// <summary>A number of at least 1.</summary>
    public int? Count(params ReadOnlySpan<string> names) =>
        int.TryParse(Text(names), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 ? count : null;

    /// <summary>A share, over 0 and at most 1.</summary>
    public double? Share(params ReadOnlySpan<string> names) =>
        double.TryParse(Text(names), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1 ? share : null;
}
