using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Protobuf;

/// <summary>
/// Reads the protobuf bodies of kubectl's and helm's typed clients: the envelope <c>k8s\0</c> with the kind, and in it a message of
/// the table. Answers are JSON, which these clients take as well.
/// </summary>
internal static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static readonly byte[] Magic = [(byte)'k', (byte)'8', (byte)'s', 0];

    /// <exception cref="ApiException">415: a kind that is not in the table; 400: no message.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.Span.StartsWith(Magic))
            throw ApiException.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        try
        {
            string apiVersion = "", kind = "";
            ReadOnlyMemory<byte> raw = default;
            var envelope = new ProtobufReader(bytes[Magic.Length..]);
            while (envelope.Next(out var field))
            {
                if (field == 1)
                    (apiVersion, kind) = TypeMeta(envelope.Bytes());
                else if (field == 2)
                    raw = envelope.Bytes();
                else
                    envelope.Skip();
            }

            if (ProtobufMessages.Find(kind) is null)
                throw ApiException.UnsupportedMediaType("application/json", "application/yaml");
            var body = Message(raw, kind);
            body["apiVersion"] = apiVersion;
            body["kind"] = kind;
            return body;
        }
        catch (Exception broken) when (broken is IndexOutOfRangeException or ArgumentOutOfRangeException or FormatException)
        {
            throw ApiException.BadRequest($"the protobuf body cannot be read: {broken.Message}");
        }
    }

    private static (string ApiVersion, string Kind) TypeMeta(ReadOnlyMemory<byte> bytes)
    {
        string apiVersion = "", kind = "";
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var field))
        {
            if (field == 1)
                apiVersion = Encoding.UTF8.GetString(reader.Bytes().Span);
            else if (field == 2)
                kind = Encoding.UTF8.GetString(reader.Bytes().Span);
            else
                reader.Skip();
        }

        return (apiVersion, kind);
    }

    private static JsonObject Message(ReadOnlyMemory<byte> bytes, string type)
    {
        var fields = ProtobufMessages.Find(type)!;
        var message = new JsonObject();
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var number))
        {
            if (!fields.TryGetValue(number, out var field))
            {
                reader.Skip();
                continue;
            }

            if (field.IsMap)
            {
                if (message[field.Name] is not JsonObject map)
                    message[field.Name] = map = [];
                AddEntry(map, reader.Bytes(), field.Type);
            }
            else if (field.IsList)
            {
                if (message[field.Name] is not JsonArray list)
                    message[field.Name] = list = [];
                list.Add(Value(ref reader, field.Type));
            }
            else if (Value(ref reader, field.Type) is { } value && value.AsText() != "")
            {
                message[field.Name] = value;
            }
        }

        return message;
    }

    private static void AddEntry(JsonObject map, ReadOnlyMemory<byte> bytes, string type)
    {
        var key = "";
        JsonNode? value = JsonValue.Create("");
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var field))
        {
            if (field == 1)
                key = Encoding.UTF8.GetString(reader.Bytes().Span);
            else
                value = Value(ref reader, type);
        }

        map[key] = value;
    }

    private static JsonNode? Value(ref ProtobufReader reader, string type) => type switch
    {
        "int" => JsonValue.Create((long)reader.Varint()),
        "bool" => JsonValue.Create(reader.Varint() != 0),
        "string" => JsonValue.Create(Encoding.UTF8.GetString(reader.Bytes().Span)),
        "bytes" => JsonValue.Create(Convert.ToBase64String(reader.Bytes().Span)),
        "time" => Time(reader.Bytes()),
        "json" => Json(reader.Bytes()),
        _ => Message(reader.Bytes(), type),
    };

    private static JsonNode? Json(ReadOnlyMemory<byte> bytes)
    {
        JsonNode? json = null;
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var field))
        {
            if (field == 1)
                json = JsonNode.Parse(reader.Bytes().Span);
            else
                reader.Skip();
        }

        return json;
    }

    /// <summary>A zero time is written as an empty message.</summary>
    private static JsonValue? Time(ReadOnlyMemory<byte> bytes)
    {
        var seconds = 0L;
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var field))
        {
            if (field == 1)
                seconds = (long)reader.Varint();
            else
                reader.Skip();
        }

        return bytes.Length == 0 || seconds == 0 ? null : JsonValue.Create(ObjectRules.Timestamp(DateTimeOffset.FromUnixTimeSeconds(seconds)));
    }
}
