using System.Collections.Frozen;
using System.Globalization;
using GpuStack.Kubernetes.Logging;

namespace GpuStack.Operator.Hosting;

/// <summary>
/// What OpenTelemetry's exporter says of an export that failed, in words for the log. Pure.
/// </summary>
/// <remarks>
/// No secret may come in: endpoints may hold one, headers do, and both a server's words and the message of an exception that refuses a header
/// may repeat it. So nothing is kept but status codes and the messages of exceptions about connections, which name a host at most.
/// </remarks>
internal static class ExportFailure
{
    private const string Cause = " ---> ";

    /// <summary>Exceptions whose messages are about the connection alone.</summary>
    private static readonly FrozenSet<string> OfConnections = FrozenSet.ToFrozenSet(
        ["HttpRequestException", "HttpIOException", "SocketException", "AuthenticationException", "TaskCanceledException", "TimeoutException", "IOException"], StringComparer.Ordinal);

    /// <param name="name">The event's name.</param>
    /// <param name="said">Its arguments.</param>
    public static string Text(string name, IReadOnlyList<object?> said) => name switch
    {
        "FailedToReachCollector" or "TransientHttpError" => $"it cannot be reached: {Exception(said, 1)}",
        "HttpRequestFailed" => StatusOf(said) is { } status ? $"it answers with the status {status}" : $"the request failed: {Exception(said, 2)}",
        "ExportFailure" => $"it refuses with the gRPC status {GrpcStatus(said)}",
        "RequestTimedOut" or "OperationUnexpectedlyCanceled" => "it does not answer in time",
        "ResponseDeserializationFailed" => "its answer cannot be read",
        "InvalidConfigurationValue" => $"the variable {Word(said, 0)} has a value that cannot be read",
        "UnsupportedProtocol" => "OTEL_EXPORTER_OTLP_PROTOCOL names an unknown protocol; set it to grpc or http/protobuf",
        "ExportMethodException" or "TrySubmitRequestException" => $"the export failed: {Exception(said, 0)}",
        _ => $"the exporter reports {Bounded.Text(name, 64)}",
    };

    /// <summary>The innermost exception of a text made by ToString: its type, and its message where that is harmless.</summary>
    private static string Exception(IReadOnlyList<object?> said, int index)
    {
        var lines = Argument(said, index).Split('\n');
        var line = (lines.LastOrDefault(line => line.Contains(Cause, StringComparison.Ordinal)) ?? lines[0]).Trim();
        if (line.LastIndexOf(Cause.TrimStart(), StringComparison.Ordinal) is >= 0 and var cause)
            line = line[(cause + Cause.TrimStart().Length)..];
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        var type = colon < 0 ? line : line[..colon];
        type = type[(type.LastIndexOf('.') + 1)..].Split(' ')[0];
        return OfConnections.Contains(type) && colon >= 0
            ? Plain(line[(colon + 2)..])
            : Plain(type, 64);
    }

    private static string? StatusOf(IReadOnlyList<object?> said)
    {
        var text = Argument(said, 2);
        var start = text.IndexOf("success: ", StringComparison.Ordinal);
        return start >= 0 && text.Length >= start + 12 && int.TryParse(text.AsSpan(start + 9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status.ToString(CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary><c>Status(StatusCode="Unauthenticated", Detail="…")</c>, without the detail.</summary>
    private static string GrpcStatus(IReadOnlyList<object?> said)
    {
        var parts = Argument(said, 2).Split('"');
        return parts.Length > 1 ? Plain(parts[1], 64) : "Unknown";
    }

    private static string Word(IReadOnlyList<object?> said, int index) => Plain(Argument(said, index), 64);

    private static string Argument(IReadOnlyList<object?> said, int index) => index < said.Count ? Convert.ToString(said[index], CultureInfo.InvariantCulture) ?? "" : "";

    private static string Plain(string text, int longest = 256) => Bounded.Text(string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim(), longest);
}
