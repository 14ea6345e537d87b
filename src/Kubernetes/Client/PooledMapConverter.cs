using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// Reads labels, annotations and amounts of resources: names through a <see cref="StringPool"/>, and a dictionary made as large as it
/// gets.
/// </summary>
internal sealed class PooledMapConverter<TValue>(StringPool pool) : JsonConverter<Dictionary<string, TValue>>
{
    public override Dictionary<string, TValue> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Expected an object.");
        var value = (JsonConverter<TValue>)options.GetTypeInfo(typeof(TValue)).Converter;
        var map = new Dictionary<string, TValue>(Count(reader));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = PooledStringConverter.Text(ref reader, pool);
            reader.Read();
            map[name] = reader.TokenType == JsonTokenType.Null ? default! : value.Read(ref reader, typeof(TValue), options)!;
        }

        return map;
    }

    public override void Write(Utf8JsonWriter writer, Dictionary<string, TValue> value, JsonSerializerOptions options)
    {
        var info = (JsonTypeInfo<TValue>)options.GetTypeInfo(typeof(TValue));
        writer.WriteStartObject();
        foreach (var (name, one) in value)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, one, info);
        }

        writer.WriteEndObject();
    }

    private static int Count(Utf8JsonReader reader)
    {
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            count++;
            reader.Skip();
        }

        return count;
    }
}
