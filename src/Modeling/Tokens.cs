using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Modeling;

/// <summary>A number of tokens, such as the length of a context. JSON: an integer.</summary>
/// <param name="Value">The number of tokens.</param>
[JsonConverter(typeof(TokensJsonConverter))]
public readonly record struct Tokens(long Value) : IComparable<Tokens>
{
    public static bool operator <(Tokens left, Tokens right) => left.Value < right.Value;

    public static bool operator >(Tokens left, Tokens right) => left.Value > right.Value;

    public static bool operator <=(Tokens left, Tokens right) => left.Value <= right.Value;

    public static bool operator >=(Tokens left, Tokens right) => left.Value >= right.Value;

    /// <inheritdoc />
    public int CompareTo(Tokens other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes <see cref="Tokens"/> as an integer.</summary>
public sealed class TokensJsonConverter : JsonConverter<Tokens>
{
    /// <inheritdoc />
    public override Tokens Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Tokens value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}
