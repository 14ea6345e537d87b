using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// What of the objects that a server sends is read: fields that are left out are passed over in the bytes and never take memory.
/// Immutable; make one for each kind of use and keep it, for its JSON metadata is built once for each instance.
/// </summary>
/// <example><c>JsonProjection.Everything.Keep&lt;V1NodeStatus&gt;("allocatable", "conditions")</c></example>
public sealed class JsonProjection
{
    private readonly ImmutableDictionary<Type, Rule> _rules;

    private JsonProjection(ImmutableDictionary<Type, Rule> rules) => _rules = rules;

    /// <summary>Reads every field that the models have.</summary>
    public static JsonProjection Everything { get; } = new(ImmutableDictionary<Type, Rule>.Empty);

    /// <summary>Of a <typeparamref name="TModel"/>, wherever it stands, only these fields are read.</summary>
    /// <param name="fields">JSON names. A name that the model does not have is an <see cref="InvalidOperationException"/> at the first use.</param>
    public JsonProjection Keep<TModel>(params string[] fields) => new(_rules.SetItem(typeof(TModel), new Rule(true, fields.ToFrozenSet(StringComparer.Ordinal))));

    /// <summary>Of a <typeparamref name="TModel"/>, wherever it stands, these fields are not read.</summary>
    /// <inheritdoc cref="Keep" path="/param"/>
    public JsonProjection Without<TModel>(params string[] fields) => new(_rules.SetItem(typeof(TModel), new Rule(false, fields.ToFrozenSet(StringComparer.Ordinal))));

    internal void Apply(JsonTypeInfo info)
    {
        if (!_rules.TryGetValue(info.Type, out var rule)) return;
        if (rule.Fields.FirstOrDefault(field => info.Properties.All(property => property.Name != field)) is { } unknown)
            throw new InvalidOperationException($"{info.Type.Name} has no field '{unknown}' to project; its fields are {string.Join(", ", info.Properties.Select(p => p.Name))}.");
        for (var i = info.Properties.Count - 1; i >= 0; i--)
        {
            if (rule.Fields.Contains(info.Properties[i].Name) != rule.Keep) info.Properties.RemoveAt(i);
        }
    }

    private sealed record Rule(bool Keep, FrozenSet<string> Fields);
}
