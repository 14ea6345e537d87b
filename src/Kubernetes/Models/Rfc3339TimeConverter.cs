using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>Writes whole seconds, as metav1.Time.</summary>
public sealed class Rfc3339TimeConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        KubernetesTime.TryRead(ref reader, out var time) ? time : throw new JsonException("Expected an RFC 3339 time.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(KubernetesTime.ToTime(value));
}
