using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>Writes exactly six fraction digits, as metav1.MicroTime.</summary>
public sealed class MicroTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        KubernetesTime.TryRead(ref reader, out var time) ? time : throw new JsonException("Expected an RFC 3339 time.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(KubernetesTime.ToMicroTime(value));
}
