using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace GpuStack.Simulator.Storage;

/// <summary>How the simulated cluster writes JSON: compact, and escaping no more than JSON asks for.</summary>
internal static class JsonText
{
    /// <summary>Field owners are nested twice as deep as the fields.</summary>
    private const int MaxDepth = 512;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    public static JsonSerializerOptions Options { get; } = new()
    {
        MaxDepth = MaxDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // Nodes need no types; an empty resolver keeps reflection out.
        TypeInfoResolver = JsonTypeInfoResolver.Combine(),
    };

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] ToUtf8(JsonNode node)
    {
        Write(node, static (writer, one) => one.WriteTo(writer, Options));
        return t_buffer!.WrittenSpan.ToArray();
    }

    /// <summary>Copies a text and indexes the copy.</summary>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8) => JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });

    /// <summary>Writes a node and indexes the text.</summary>
    public static JsonElement ToElement(JsonNode node) => ToElement(node, static (writer, one) => one.WriteTo(writer, Options));

    /// <summary>Writes a text by way of a buffer that this thread keeps, and indexes it.</summary>
    public static JsonElement ToElement<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        Write(value, write);
        return Parse(t_buffer!.WrittenSpan);
    }

    private static void Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(16 * 1024);
        var writer = t_writer ??= new Utf8JsonWriter(buffer, WriterOptions);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        write(writer, value);
        writer.Flush();
    }
}
