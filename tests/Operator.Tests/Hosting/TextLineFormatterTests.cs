using GpuStack.Operator.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Operator.Tests.Hosting;

public sealed class TextLineFormatterTests
{
    private readonly TextLineFormatter _formatter = new(new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, 890, TimeSpan.FromHours(2))));

    [Theory]
    [InlineData(LogLevel.Debug, "dbug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Warning, "warn")]
    [InlineData(LogLevel.Error, "fail")]
    [InlineData(LogLevel.Critical, "crit")]
    public void A_line_has_time_level_category_event_and_message(LogLevel level, string word) =>
        Assert.Equal($"2026-03-04T03:06:07.890Z {word}: c[1105] größe 😀\n", Line(level, "größe 😀"));

    [Fact]
    public void An_exception_stands_in_the_same_line() => Assert.Equal(
        "2026-03-04T03:06:07.890Z fail: c[1105] it failed System.InvalidOperationException: first second\n",
        Line(LogLevel.Error, "it failed", new InvalidOperationException("first\nsecond")));

    /// <summary>Texts from outside forge no line, and command no terminal.</summary>
    [Theory]
    [InlineData("a\n2026-03-04T00:00:00.000Z info: c[1] forged", "a 2026-03-04T00:00:00.000Z info: c[1] forged")]
    [InlineData("a\r\nb\tc", "a  b c")]
    [InlineData("\u001b[2J\u0000\u0085\u009b\u2028\u2029", " [2J     ")]
    public void Whatever_commands_a_terminal_is_a_space(string text, string written) =>
        Assert.Equal($"2026-03-04T03:06:07.890Z warn: c[1105] {written}\n", Line(LogLevel.Warning, text));

    private string Line(LogLevel level, string message, Exception? exception = null)
    {
        using var writer = new StringWriter();
        _formatter.Write(new LogEntry<string>(level, "c", new EventId(1105), message, exception, (state, _) => state), null, writer);
        return writer.ToString();
    }
}
