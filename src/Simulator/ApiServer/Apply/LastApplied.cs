using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>
/// The way from client-side to server-side apply: kubectl's first server-side apply may take over what the annotation of its
/// client-side applies says was set by them, and keeps that annotation up to date.
/// </summary>
internal static class LastApplied
{
    public const string Manager = "kubectl";
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The fields that the last client-side apply set and nobody has changed since.</summary>
    public static FieldSet Untouched(JsonObject? live, FieldShape shape)
    {
        if (live?["metadata"]?["annotations"]?[Annotation].AsText() is not { Length: > 0 } text)
            return new FieldSet();
        JsonObject? last;
        try
        {
            last = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // Somebody else's text in kubectl's annotation allows nothing.
            return new FieldSet();
        }

        if (last is null)
            return new FieldSet();
        var untouched = FieldWalk.Named(last, shape);
        var changes = FieldWalk.Compare(live, last, shape);
        untouched.ExceptWith(changes.Added);
        untouched.ExceptWith(changes.Modified);
        return untouched;
    }

    /// <summary>Writes the configuration into the annotation, where there is one.</summary>
    public static void Refresh(JsonObject body, JsonObject config)
    {
        if (body["metadata"]?["annotations"] is JsonObject annotations && annotations[Annotation] is not null)
            annotations[Annotation] = Text(config);
    }

    /// <summary>As Go writes it: fields in order, HTML characters escaped, and a line feed.</summary>
    private static string Text(JsonObject config)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(writer, config);
        return Encoding.UTF8.GetString(buffer.ToArray())
            .Replace("<", "\\u003c", StringComparison.Ordinal)
            .Replace(">", "\\u003e", StringComparison.Ordinal)
            .Replace("&", "\\u0026", StringComparison.Ordinal) + "\n";
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject fields:
                writer.WriteStartObject();
                foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
