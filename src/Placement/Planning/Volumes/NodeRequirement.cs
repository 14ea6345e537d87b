using System.Collections.Frozen;
using System.Globalization;

namespace GpuStack.Placement.Planning.Volumes;

/// <summary>One expression of a node selector.</summary>
public sealed class NodeRequirement
{
    private readonly FrozenSet<string> _values;

    /// <summary>An expression.</summary>
    /// <param name="key">The label's key.</param>
    /// <param name="operator">How it is compared.</param>
    /// <param name="values">With what; empty for <see cref="NodeOperator.Exists"/> and <see cref="NodeOperator.DoesNotExist"/>.</param>
    public NodeRequirement(string key, NodeOperator @operator, IEnumerable<string> values)
    {
        Key = key;
        Operator = @operator;
        _values = values.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The label's key.</summary>
    public string Key { get; }

    /// <summary>How it is compared.</summary>
    public NodeOperator Operator { get; }

    /// <summary>With what, in no order.</summary>
    public IReadOnlyCollection<string> Values => _values;

    /// <summary>Whether a value satisfies the expression.</summary>
    /// <param name="value">The label's value; null when the node lacks it.</param>
    public bool Matches(string? value) => Operator switch
    {
        NodeOperator.In => value is not null && _values.Contains(value),
        NodeOperator.NotIn => value is null || !_values.Contains(value),
        NodeOperator.Exists => value is not null,
        NodeOperator.DoesNotExist => value is null,
        NodeOperator.Gt => Number(value) > Bound(),
        NodeOperator.Lt => Number(value) < Bound(),
        _ => false,
    };

    /// <summary>As messages show it.</summary>
    public override string ToString() => Operator switch
    {
        NodeOperator.In => $"{Key} in ({Shown()})",
        NodeOperator.NotIn => $"{Key} not in ({Shown()})",
        NodeOperator.Exists => $"{Key}",
        NodeOperator.DoesNotExist => $"no {Key}",
        NodeOperator.Gt => $"{Key} > {Shown()}",
        _ => $"{Key} < {Shown()}",
    };

    internal string Shown()
    {
        const int most = 4;
        var shown = string.Join(", ", _values.Order(StringComparer.Ordinal).Take(most));
        return _values.Count > most ? $"{shown}, ..." : shown;
    }

    /// <summary>The only value as a number; null, which compares false, when there is none or several.</summary>
    private long? Bound() => _values.Count == 1 ? Number(_values.Items[0]) : null;

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
