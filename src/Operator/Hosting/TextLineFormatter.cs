using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace GpuStack.Operator.Hosting;

/// <summary>
/// One line of text an entry: time (UTC), level, category, the event's number, the message and, where there is one, the exception. What other
/// servers, files and engines say ends up in it: whatever would command a terminal, or begin a line of its own, is a space.
/// </summary>
internal sealed class TextLineFormatter(TimeProvider time) : ConsoleFormatter(FormatName)
{
    public const string FormatName = "text-line";

    private const char LastControl = '\u009f';

    private static readonly SearchValues<char> Commands = SearchValues.Create(
        [.. Enumerable.Range(0, LastControl + 1).Select(code => (char)code).Where(char.IsControl), '\u2028', '\u2029']);

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Level(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] ");
        Append(line, logEntry.Formatter(logEntry.State, null));
        if (logEntry.Exception is { } exception)
        {
            line.Append(' ');
            Append(line, exception.ToString());
        }
        line.Append('\n');
        foreach (var chunk in line.GetChunks())
            textWriter.Write(chunk.Span);
    }

    private static void Append(StringBuilder line, string text)
    {
        var rest = text.AsSpan();
        for (var at = rest.IndexOfAny(Commands); at >= 0; at = rest.IndexOfAny(Commands))
        {
            line.Append(rest[..at]).Append(' ');
            rest = rest[(at + 1)..];
        }
        line.Append(rest);
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
