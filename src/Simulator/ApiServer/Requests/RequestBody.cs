using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Protobuf;
using GpuStack.Simulator.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Requests;

/// <summary>Reads request bodies.</summary>
internal static class RequestBody
{
    private const int Limit = 3 * 1024 * 1024;

    /// <summary>The JSON media types of POST, PUT and DELETE.</summary>
    private static readonly string[] Accepted = ["application/json", "application/yaml"];

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limit)
            throw ApiException.TooLarge(Limit);
        var buffer = new MemoryStream((int)(request.ContentLength ?? 0));
        var block = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int count;
            while ((count = await request.Body.ReadAsync(block, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (buffer.Length + count > Limit)
                    throw ApiException.TooLarge(Limit);
                buffer.Write(block, 0, count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    /// <summary>The object posted or put.</summary>
    public static async Task<JsonObject> ReadObjectAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        return ParseObject(bytes, request.ContentType);
    }

    /// <summary>An object in a media type that clients may send.</summary>
    /// <exception cref="ApiException">415: another media type; 400: unreadable.</exception>
    public static JsonObject ParseObject(ReadOnlyMemory<byte> bytes, string? contentType)
    {
        var type = MediaType.Parse(contentType ?? "application/json").Name;
        if (type == ProtobufBody.MediaType)
            return ProtobufBody.Parse(bytes);
        return Accepted.Contains(type) ? ParseObject(bytes) : throw ApiException.UnsupportedMediaType(Accepted);
    }

    public static JsonObject ParseObject(ReadOnlyMemory<byte> bytes) => Parse(bytes) as JsonObject
        ?? throw ApiException.BadRequest("couldn't get version/kind; json parse error: the body is not an object");

    /// <summary>JSON, or YAML where it does not begin like JSON.</summary>
    public static JsonNode? Parse(ReadOnlyMemory<byte> bytes)
    {
        var text = bytes.Span.TrimStart(" \t\r\n"u8);
        if (text.Length > 0 && text[0] is not ((byte)'{' or (byte)'['))
            return YamlBody.Parse(bytes.Span);
        try
        {
            var node = JsonNode.Parse(bytes.Span);
            Materialize(node);
            return node;
        }
        catch (Exception broken) when (broken is JsonException or ArgumentException)
        {
            throw ApiException.BadRequest($"couldn't get version/kind; json parse error: {broken.Message}");
        }
    }

    /// <summary>Nodes read their element late, and a duplicate key would surface only then.</summary>
    private static void Materialize(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            foreach (var (_, value) in fields)
                Materialize(value);
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                Materialize(item);
        }
    }
}
