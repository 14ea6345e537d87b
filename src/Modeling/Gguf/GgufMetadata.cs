using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace GpuStack.Modeling.Gguf;

/// <summary>The metadata of a GGUF file, in the file's order, with typed look-up.</summary>
public sealed class GgufMetadata : IReadOnlyList<KeyValuePair<string, GgufValue>>
{
    private readonly List<KeyValuePair<string, GgufValue>> _entries;
    private readonly Dictionary<string, GgufValue> _byKey;

    /// <summary>Metadata of these entries; keys are unique.</summary>
    public GgufMetadata(IEnumerable<KeyValuePair<string, GgufValue>> entries)
    {
        _entries = [.. entries];
        _byKey = new(_entries.Count, StringComparer.Ordinal);
        foreach (KeyValuePair<string, GgufValue> entry in _entries)
        {
            _byKey.Add(entry.Key, entry.Value);
        }
    }

    /// <summary>Metadata that <see cref="TryAdd"/> fills.</summary>
    internal GgufMetadata()
    {
        _entries = [];
        _byKey = new(StringComparer.Ordinal);
    }

    /// <inheritdoc />
    public int Count => _entries.Count;

    /// <inheritdoc />
    public KeyValuePair<string, GgufValue> this[int index] => _entries[index];

    /// <summary>The value of a key, if the file has it.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out GgufValue? value) => _byKey.TryGetValue(key, out value);

    /// <summary>The integer of a key; null when it is absent or no integer.</summary>
    public long? Integer(string key) => _byKey.TryGetValue(key, out GgufValue? value) ? value.Integer : null;

    /// <summary>The number of a key, integer or float; null when it is absent or no number.</summary>
    public double? Number(string key) => _byKey.TryGetValue(key, out GgufValue? value) ? value.Number ?? value.Integer : null;

    /// <summary>The boolean of a key; null when it is absent or no boolean.</summary>
    public bool? Boolean(string key) =>
        _byKey.TryGetValue(key, out GgufValue? value) && value is { Type: GgufValueType.Bool, Integer: long bit } ? bit != 0 : null;

    /// <summary>The string of a key; null when it is absent or no string.</summary>
    public string? Text(string key) => _byKey.TryGetValue(key, out GgufValue? value) ? value.Text : null;

    /// <summary>Adds an entry; false when the key is there already. For the reader, before anybody else has the metadata.</summary>
    internal bool TryAdd(string key, GgufValue value)
    {
        if (!_byKey.TryAdd(key, value))
        {
            return false;
        }

        _entries.Add(new(key, value));
        return true;
    }

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, GgufValue>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
