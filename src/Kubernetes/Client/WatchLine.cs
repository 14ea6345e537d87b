using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Client.Transport;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>Parses a line of a watch.</summary>
/// <param name="entityInfo">How objects are read.</param>
/// <param name="bookmarkInfo">How bookmarks are read: what they say in an annotation may be no part of the objects' projection.</param>
/// <param name="statusInfo">How errors are read.</param>
internal sealed class WatchLine<T>(JsonTypeInfo<T> entityInfo, JsonTypeInfo<T> bookmarkInfo, JsonTypeInfo<V1Status> statusInfo)
    where T : class, IKubernetesObject
{
    /// <summary>Null for a blank line: some proxies send them to keep a connection alive.</summary>
    /// <param name="line">The line.</param>
    /// <param name="isWhole">Whether its end was seen.</param>
    /// <exception cref="IOException">A line without an end is cut.</exception>
    /// <exception cref="InvalidDataException">A whole line is no event.</exception>
    /// <exception cref="KubernetesException">It is an ERROR event.</exception>
    public WatchEvent<T>? Parse(ReadOnlySpan<byte> line, bool isWhole = true)
    {
        line = line.Trim(" \t\r"u8);
        if (line.IsEmpty) return null;
        try
        {
            return TryParseUsual(line) ?? ParseAny(line);
        }
        catch (JsonException e)
        {
            // A cut line is a broken connection, and met by watching anew. That would only bring a whole one again.
            throw isWhole
                ? new InvalidDataException($"An event of the watch is not what it should be: {e.Message}", e)
                : new IOException($"The watch broke off: {e.Message}", e);
        }
    }

    /// <summary>The form that every server we know sends: the type, then the object, and nothing else. Spares a search for the object's end.</summary>
    private WatchEvent<T>? TryParseUsual(ReadOnlySpan<byte> line)
    {
        var start = "{\"type\":\""u8;
        var middle = "\",\"object\":"u8;
        if (!line.StartsWith(start) || line[^1] != '}') return null;
        line = line[start.Length..^1];
        var end = line.IndexOf((byte)'"');
        if (end < 0 || !line[end..].StartsWith(middle)) return null;
        var type = Type(line[..end]);
        try
        {
            return Create(type, line[(end + middle.Length)..]);
        }
        catch (JsonException)
        {
            // Either something follows the object, or it is wrong; reading it by the book tells which.
            return null;
        }
    }

    private WatchEvent<T> ParseAny(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        WatchEventType? type = null;
        var isTyped = false;
        ReadOnlySpan<byte> entity = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = PropertyName.Is(ref reader, "type"u8);
            var isObject = PropertyName.Is(ref reader, "object"u8);
            reader.Read();
            var at = (int)reader.TokenStartIndex;
            if (isType)
            {
                type = reader.TokenType == JsonTokenType.String ? Type(reader.ValueSpan) : throw new JsonException("A watch event's type is no string.");
                isTyped = true;
            }

            reader.Skip();
            if (isObject) entity = line[at..(int)reader.BytesConsumed];
        }

        // A second event in the line must not get lost.
        if (reader.Read()) throw new JsonException("Something follows a watch event.");
        return isTyped && !entity.IsEmpty ? Create(type, entity) : throw new JsonException("A watch event has no type or no object.");
    }

    /// <summary>Null for an error.</summary>
    private static WatchEventType? Type(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("MODIFIED"u8)) return WatchEventType.Modified;
        if (name.SequenceEqual("ADDED"u8)) return WatchEventType.Added;
        if (name.SequenceEqual("DELETED"u8)) return WatchEventType.Deleted;
        if (name.SequenceEqual("BOOKMARK"u8)) return WatchEventType.Bookmark;
        if (name.SequenceEqual("ERROR"u8)) return null;
        throw new JsonException("The type of a watch event is unknown.");
    }

    private WatchEvent<T> Create(WatchEventType? type, ReadOnlySpan<byte> entity)
    {
        if (type is not { } known) throw new KubernetesException(FailureStatus.Bounded(JsonSerializer.Deserialize(entity, statusInfo) ?? new V1Status()));
        var info = known == WatchEventType.Bookmark ? bookmarkInfo : entityInfo;
        return new WatchEvent<T>(known, JsonSerializer.Deserialize(entity, info) ?? throw new JsonException("A watch event's object is null."));
    }
}
