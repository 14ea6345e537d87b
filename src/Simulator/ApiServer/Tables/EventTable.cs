using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Tables;

/// <summary>The table of events, the same for both APIs that show them.</summary>
internal static class EventTable
{
    /// <param name="subject">The field with the object concerned.</param>
    /// <param name="message">The field with the message.</param>
    /// <param name="count">The field with the count.</param>
    /// <param name="first">The field with the first time.</param>
    /// <param name="last">The field with the last time.</param>
    /// <param name="source">The field with the source.</param>
    public static TableLayout Of(string subject, string message, string count, string first, string last, string source) => new(
        new TableColumn("Last Seen", "string", 0, (body, now) => HumanDuration.Since(LastSeen(body, last), now)),
        new TableColumn("Type", "string", 0, (body, _) => body["type"].AsText()),
        new TableColumn("Reason", "string", 0, (body, _) => body["reason"].AsText()),
        new TableColumn("Object", "string", 0, (body, _) =>
            $"{body[subject]?["kind"].AsText()?.ToLowerInvariant()}/{body[subject]?["name"].AsText()}"),
        new TableColumn("Subobject", "string", 1, (body, _) => body[subject]?["fieldPath"].AsText() ?? ""),
        new TableColumn("Source", "string", 1, (body, _) => Source(body, source)),
        new TableColumn("Message", "string", 0, (body, _) => body[message].AsText()?.Trim()),
        new TableColumn("First Seen", "string", 1, (body, now) => HumanDuration.Since(body[first] ?? body["eventTime"], now)),
        new TableColumn("Count", "string", 1, (body, _) => $"{body["series"]?["count"].AsLong() ?? body[count].AsLong() ?? 1}"),
        new TableColumn("Name", "string", 1, (body, _) => body["metadata"]?["name"].AsText()))
    {
        LeadsWithName = false,
    };

    private static JsonNode? LastSeen(JsonObject body, string last) =>
        body["series"]?["lastObservedTime"] ?? body[last] ?? body["eventTime"] ?? body["metadata"]?["creationTimestamp"];

    private static string Source(JsonObject body, string source)
    {
        var component = body[source]?["component"].AsText() ?? body["reportingController"].AsText() ?? body["reportingComponent"].AsText() ?? "";
        var host = body[source]?["host"].AsText() ?? body["reportingInstance"].AsText();
        return host is { Length: > 0 } ? string.Create(CultureInfo.InvariantCulture, $"{component}, {host}") : component;
    }
}
