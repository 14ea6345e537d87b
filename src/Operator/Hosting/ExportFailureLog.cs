using System.Diagnostics.Tracing;
using GpuStack.Operator.Controllers;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Hosting;

/// <summary>
/// Logs exports that fail. OpenTelemetry says so through an event source alone, for each export anew; here each kind of failure has one line a
/// minute at most, which counts those that were left out.
/// </summary>
/// <param name="collector">Where exports go; of it the log has scheme, host and port.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to log.</param>
internal sealed class ExportFailureLog(Uri collector, TimeProvider time, ILogger logger) : EventListener
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    /// <summary>Kinds are the names of the exporter's events, of which there are a few dozen.</summary>
    private const int MostKinds = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Logged> _kinds = new(StringComparer.Ordinal);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        // Called by the base class's constructor, too.
        if (eventSource.Name == Exporter)
            EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) => Failed(eventData.EventName ?? "", eventData.Payload ?? []);

    /// <summary>Something failed.</summary>
    /// <param name="kind">The event's name.</param>
    /// <param name="said">Its arguments.</param>
    internal void Failed(string kind, IReadOnlyList<object?> said)
    {
        int more;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_kinds.TryGetValue(kind, out var before) && time.GetElapsedTime(before.At, now) < Pause)
            {
                _kinds[kind] = before with { More = before.More + 1 };
                return;
            }
            if (before is null && _kinds.Count >= MostKinds)
                return;
            more = before?.More ?? 0;
            _kinds[kind] = new Logged(now, 0);
        }
        LogMessages.ExportFailed(logger, collector.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped), ExportFailure.Text(kind, said), more);
    }

    /// <summary>When a kind had its last line, and how often it came since.</summary>
    private sealed record Logged(long At, int More);
}
