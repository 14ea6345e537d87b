using System.Collections.Immutable;
using System.Text.Json;

namespace GpuStack.Placement.Products;

/// <summary>The fields of one entry of a product table; every message names the entry and the field.</summary>
internal readonly struct ProductEntry(JsonElement element, string where)
{
    public FormatException Refuse(string field, string reason) => new($"{where}.{field}: {reason}.");

    public string? Text(string field, int longest) =>
        !element.TryGetProperty(field, out var value) ? null : Text(value, longest) ?? throw Refuse(field, $"expected a string of 1 to {longest} characters");

    public ImmutableArray<string> Texts(string field, int most, int longest)
    {
        if (!element.TryGetProperty(field, out var list))
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > most)
            throw Refuse(field, $"expected a list of at most {most} strings");
        var texts = ImmutableArray.CreateBuilder<string>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
            texts.Add(Text(item, longest) ?? throw Refuse(field, $"expected strings of 1 to {longest} characters"));
        return texts.MoveToImmutable();
    }

    public int Whole(string field, int largest) =>
        !element.TryGetProperty(field, out var value) ? 0
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 1 && number <= largest ? number
        : throw Refuse(field, $"expected a whole number between 1 and {largest}");

    public double Number(string field, int largest) =>
        !element.TryGetProperty(field, out var value) ? 0
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number > 0 && number <= largest ? number
        : throw Refuse(field, $"expected a number above 0, up to {largest}");

    public bool Flag(string field) =>
        element.TryGetProperty(field, out var value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Refuse(field, "expected true or false"),
        };

    private static string? Text(JsonElement value, int longest)
    {
        if (value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString() is { Length: > 0 } text && text.Length <= longest ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Not valid Unicode.
            return null;
        }
    }
}
