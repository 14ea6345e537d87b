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

    public static JsonSerializerOptions Options { get; } = new()
    {
        MaxDepth = MaxDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] ToUtf8(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Options);

    /// <summary>Indexes a text; what is made of it may outlive <paramref name="utf8"/>.</summary>
    public static JsonElement Parse(byte[] utf8) => JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
}
