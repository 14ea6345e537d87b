using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Client;

/// <summary>Reads short texts through a <see cref="StringPool"/>.</summary>
internal sealed class PooledStringConverter(StringPool pool) : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Text(ref reader, pool) : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    /// <summary>The text of a string or a property's name.</summary>
    public static string Text(ref Utf8JsonReader reader, StringPool pool) =>
        !reader.HasValueSequence && !reader.ValueIsEscaped && pool.Get(reader.ValueSpan) is { } text ? text : reader.GetString()!;
}
