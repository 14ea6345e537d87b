using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>
/// An object of a model's configuration. A value is asked for by the names that different models give it; null counts as absent,
/// as in Python. Every number has a range, so that no sum of sizes overflows and no loop runs long, whatever the file says.
/// </summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="element">A JSON object.</param>
internal sealed class ConfigNode(string file, JsonElement element)
{
    /// <summary>Hidden, feed-forward and head lengths.</summary>
    public const int MaximumLength = 1 << 22;

    /// <summary>Layers, which are also the entries of per-layer lists.</summary>
    public const int MaximumLayers = 1024;

    /// <summary>Heads and experts.</summary>
    public const int MaximumCount = 1 << 14;

    /// <summary>Rows of an embedding.</summary>
    public const int MaximumVocabulary = 1 << 24;

    public string File => file;

    public bool Has(string name) => Find(name) is not null;

    /// <summary>A nested object; null when it is absent or no object.</summary>
    public ConfigNode? Object(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Find(name) is { ValueKind: JsonValueKind.Object } found)
            {
                return new ConfigNode(file, found);
            }
        }

        return null;
    }

    /// <summary>The nested objects of an object of objects, by name (at most <see cref="MaximumLayers"/>).</summary>
    public IEnumerable<(string Name, ConfigNode Node)> Objects()
    {
        foreach (JsonProperty property in element.EnumerateObject().Take(MaximumLayers))
        {
            if (property.Value.ValueKind == JsonValueKind.Object)
            {
                yield return (property.Name, new ConfigNode(file, property.Value));
            }
        }
    }

    /// <summary>The objects of an array of objects.</summary>
    public IEnumerable<ConfigNode> Array(string name)
    {
        if (Find(name) is { ValueKind: JsonValueKind.Array } array)
        {
            foreach (JsonElement entry in array.EnumerateArray().Take(MaximumLayers))
            {
                if (entry.ValueKind == JsonValueKind.Object)
                {
                    yield return new ConfigNode(file, entry);
                }
            }
        }
    }

    public string? Text(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Find(name) is { ValueKind: JsonValueKind.String } found)
            {
                return found.GetString();
            }
        }

        return null;
    }

    public ImmutableArray<string> Texts(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Find(name) is { ValueKind: JsonValueKind.Array } array)
            {
                return [.. array.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.String).Select(entry => entry.GetString()!)];
            }
        }

        return [];
    }

    public bool Flag(string name, bool otherwise = false) => Find(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } number => number.TryGetDouble(out double value) && value != 0,
        _ => otherwise,
    };

    public int Length(int otherwise, params ReadOnlySpan<string> names) => (int)Integer(otherwise, 0, MaximumLength, names);

    public int Count(int otherwise, params ReadOnlySpan<string> names) => (int)Integer(otherwise, 0, MaximumCount, names);

    /// <summary>The first of these values that is there. Of a list (one value per layer) the largest counts.</summary>
    public long Integer(long otherwise, long minimum, long maximum, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            switch (Find(name))
            {
                case { ValueKind: JsonValueKind.Number } number:
                    return Checked(name, number, minimum, maximum);
                case { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() > 0:
                    long largest = long.MinValue;
                    foreach (JsonElement entry in array.EnumerateArray().Take(MaximumLayers))
                    {
                        largest = Math.Max(largest, entry.ValueKind == JsonValueKind.Null ? minimum : Checked(name, entry, minimum, maximum));
                    }

                    return largest;
                case { ValueKind: JsonValueKind.String } text:
                    throw Refuse($"{name} is the text {Quoted(text.GetString()!)}, where a number is expected");
                default:
                    continue;
            }
        }

        return otherwise;
    }

    /// <summary>A list of numbers (one per layer); null when it is absent or no list. A null in it counts as 0.</summary>
    public ImmutableArray<int>? Integers(string name, int maximum = MaximumLength)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } array)
        {
            return null;
        }

        if (array.GetArrayLength() > MaximumLayers)
        {
            throw Refuse($"{name} has {array.GetArrayLength()} entries, more than the {MaximumLayers} allowed");
        }

        return [.. array.EnumerateArray().Select(entry => entry.ValueKind == JsonValueKind.Null ? 0 : (int)Checked(name, entry, 0, maximum))];
    }

    public double Number(double otherwise, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Find(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double value) && double.IsFinite(value))
            {
                return value;
            }
        }

        return otherwise;
    }

    public TransformerFormatException Refuse(string what, string remedy = "the file is damaged or not a model's configuration") =>
        new(file, what, remedy);

    /// <summary>A text of the file, made fit for a message: short, without control characters.</summary>
    public static string Quoted(string text)
    {
        ReadOnlySpan<char> shortened = text.Length > 80 ? text.AsSpan(0, 80) : text;
        return string.Create(CultureInfo.InvariantCulture, $"'{string.Concat(shortened.ToString().Select(c => char.IsControl(c) ? '?' : c))}'");
    }

    private JsonElement? Find(string name) =>
        element.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null ? found : null;

    private long Checked(string name, JsonElement number, long minimum, long maximum)
    {
        if (number.ValueKind != JsonValueKind.Number || !number.TryGetDouble(out double value) || value != Math.Floor(value))
        {
            throw Refuse($"{name} holds {Quoted(number.GetRawText())}, where a whole number is expected");
        }

        return value >= minimum && value <= maximum
            ? (long)value
            : throw Refuse($"{name} is {Quoted(number.GetRawText())}, where {minimum} to {maximum} is expected");
    }
}
