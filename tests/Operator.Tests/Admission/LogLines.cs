using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Tests.Admission;

/// <summary>What was logged, with the exceptions, by event id.</summary>
internal sealed class LogLines : ILogger
{
    private readonly List<(int Id, string Text)> _lines = [];

    public string Text
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines.Select(line => line.Text));
        }
    }

    public int Count(int id) => Of(id).Count;

    public IReadOnlyList<string> Of(int id)
    {
        lock (_lines) return [.. _lines.Where(line => line.Id == id).Select(line => line.Text)];
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add((eventId.Id, formatter(state, exception) + exception));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}
