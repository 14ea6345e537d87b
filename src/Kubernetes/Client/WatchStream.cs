using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// Reads a watch's body: one JSON object a line, <c>{"type":…,"object":…}</c>, parsed straight from the receive buffer.
/// </summary>
internal static class WatchStream
{
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        Stream stream,
        JsonTypeInfo<T> entityInfo,
        JsonTypeInfo<V1Status> statusInfo,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var buffer = result.Buffer;
                while (TakeLine(ref buffer, result.IsCompleted, out var line))
                {
                    if (Parse(line, entityInfo, statusInfo) is { } change) yield return change;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted) yield break;
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TakeLine(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        if (!isLast || buffer.IsEmpty) return false;
        line = buffer;
        buffer = buffer.Slice(buffer.End);
        return true;
    }

    private static WatchEvent<T>? Parse<T>(in ReadOnlySequence<byte> line, JsonTypeInfo<T> entityInfo, JsonTypeInfo<V1Status> statusInfo)
        where T : class, IKubernetesObject
    {
        if (IsBlank(line)) return null;
        try
        {
            return ParseEvent(line, entityInfo, statusInfo);
        }
        catch (JsonException e)
        {
            // A cut line is a broken connection more often than a broken server; both are met by watching anew.
            throw new IOException($"The watch broke off or is not what it should be: {e.Message}", e);
        }
    }

    private static WatchEvent<T> ParseEvent<T>(in ReadOnlySequence<byte> line, JsonTypeInfo<T> entityInfo, JsonTypeInfo<V1Status> statusInfo)
        where T : class, IKubernetesObject
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        string? type = null;
        var objectAt = default(Utf8JsonReader);
        var hasObject = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType) type = reader.GetString();
            else if (isObject)
            {
                objectAt = reader;
                hasObject = true;
            }

            // The type comes first from every server we know; then the object is parsed where it stands.
            if (type is not null && hasObject) return Create(type, ref objectAt, entityInfo, statusInfo);
            reader.Skip();
        }

        throw new JsonException("A watch event has no type or no object.");
    }

    // Some proxies send blank lines to keep a connection alive.
    private static bool IsBlank(in ReadOnlySequence<byte> line)
    {
        foreach (var part in line)
        {
            if (part.Span.ContainsAnyExcept(" \t\r"u8)) return false;
        }

        return true;
    }

    private static WatchEvent<T> Create<T>(string type, ref Utf8JsonReader reader, JsonTypeInfo<T> entityInfo, JsonTypeInfo<V1Status> statusInfo)
        where T : class, IKubernetesObject
    {
        if (type == "ERROR")
        {
            var status = JsonSerializer.Deserialize(ref reader, statusInfo) ?? new V1Status();
            throw new KubernetesException(status);
        }

        var kind = type switch
        {
            "ADDED" => WatchEventType.Added,
            "MODIFIED" => WatchEventType.Modified,
            "DELETED" => WatchEventType.Deleted,
            "BOOKMARK" => WatchEventType.Bookmark,
            _ => throw new JsonException($"Unknown watch event '{type}'."),
        };
        var entity = JsonSerializer.Deserialize(ref reader, entityInfo) ?? throw new JsonException("A watch event's object is null.");
        return new WatchEvent<T>(kind, entity);
    }
}
