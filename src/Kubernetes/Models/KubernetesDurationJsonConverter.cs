using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>Writes and reads Go's text.</summary>
public sealed class KubernetesDurationJsonConverter : JsonConverter<KubernetesDuration>
{
    /// <inheritdoc/>
    public override KubernetesDuration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        return KubernetesDuration.TryParse(text, out var duration) ? duration : throw new JsonException($"'{text}' is not a duration.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, KubernetesDuration value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
