using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>Writes the canonical text; reads text or a bare number.</summary>
public sealed class QuantityJsonConverter : JsonConverter<Quantity>
{
    private const int MaxShown = 50;

    /// <inheritdoc/>
    public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && !reader.HasValueSequence && !reader.ValueIsEscaped && QuantityBytes.TryRead(reader.ValueSpan, out var usual))
            return usual;
        var text = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!.Trim(),
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan),
            _ => throw new JsonException("A quantity is a string or a number."),
        };
        return Quantity.TryParse(text, out var quantity) ? quantity : throw new JsonException($"'{(text.Length <= MaxShown ? text : $"{text[..MaxShown]}…")}' is not a quantity.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
