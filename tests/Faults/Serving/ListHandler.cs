using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using GpuStack.Faults.Storage;

namespace GpuStack.Faults.Serving;

/// <summary>Lists: resourceVersion as servers take it, and pages of one state.</summary>
internal sealed class ListHandler(VersionedStore store, FaultServerOptions options, FaultCounts counts)
{
    public async Task HandleAsync(HttpConnection connection, HttpRequestHead request, ServedResource resource, Selector selector)
    {
        counts.AddList();
        var fault = options.Plan.ForList();
        var asked = long.TryParse(request["resourceVersion"], CultureInfo.InvariantCulture, out var number) ? number : 0;
        if (fault is not null)
        {
            counts.Add(fault.Kind);
            if (await FaultyAnswer.TryAnswerAsync(connection, fault.Kind, asked, store.Version)) return;
        }

        var (status, body) = List(request, resource, selector, asked);
        if (status == 200) await FaultyAnswer.SendBodyAsync(connection, fault?.Kind, body, options.Time);
        else await connection.AnswerAsync(status, "application/json", body);
    }

    private static byte[] Write(ServedResource resource, long version, IEnumerable<StoredObject> items, string? next, int remaining)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("kind", $"{resource.Kind}List");
        json.WriteString("apiVersion", "v1");
        json.WriteStartObject("metadata");
        json.WriteString("resourceVersion", version.ToString(CultureInfo.InvariantCulture));
        if (next is not null)
        {
            json.WriteString("continue", next);
            json.WriteNumber("remainingItemCount", remaining);
        }

        json.WriteEndObject();
        json.WriteStartArray("items");
        foreach (var item in items) json.WriteRawValue(item.Json.Span, skipInputValidation: true);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string Token(long version, string start) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { v = "meta.k8s.io/v1", rv = version, start }));

    private (int Status, byte[] Body) List(HttpRequestHead request, ServedResource resource, Selector selector, long asked)
    {
        if (request["continue"] is { } token) return Continue(request, resource, selector, token);
        if (asked > store.Version) return (504, StatusText.TooLarge(asked, store.Version));
        var anyAge = request["resourceVersion"] is not null;
        var (version, objects) = store.Snapshot(resource, asked, anyAge ? options.Lag : 0);
        // A list from the cache comes whole.
        var limit = request["resourceVersion"] == "0" ? null : request["limit"];
        return (200, Page(resource, version, objects.Values.Where(selector.Matches), limit));
    }

    private (int Status, byte[] Body) Continue(HttpRequestHead request, ServedResource resource, Selector selector, string token)
    {
        long version;
        string start;
        try
        {
            using var parsed = JsonDocument.Parse(Base64Url.DecodeFromChars(token));
            version = parsed.RootElement.GetProperty("rv").GetInt64();
            start = parsed.RootElement.GetProperty("start").GetString()!;
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException or KeyNotFoundException)
        {
            return (400, StatusText.BadRequest("invalid continue token"));
        }

        if (store.At(resource, version) is not { } objects)
        {
            counts.AddExpired();
            return (410, StatusText.ExpiredContinue());
        }

        var rest = objects.Values.Where(item => string.CompareOrdinal(item.Key, start) >= 0 && selector.Matches(item));
        return (200, Page(resource, version, rest, request["limit"]));
    }

    private static byte[] Page(ServedResource resource, long version, IEnumerable<StoredObject> items, string? limit)
    {
        if (!int.TryParse(limit, CultureInfo.InvariantCulture, out var size) || size <= 0) return Write(resource, version, items, null, 0);
        var all = items.ToList();
        return all.Count <= size
            ? Write(resource, version, all, null, 0)
            : Write(resource, version, all.Take(size), Token(version, all[size].Key), all.Count - size);
    }
}
