using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuStack.Operator.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Operator.Tests.Hosting;

public sealed class JsonLineFormatterTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.FromHours(2));

    private readonly JsonLineFormatter _formatter = new(new FakeTimeProvider(Now));

    [Fact]
    public void A_line_has_time_level_category_event_message_and_the_fields_by_name()
    {
        var line = Line(LogLevel.Warning, new EventId(1105), Fields(("Deployment", "ns/\"a\"\nb"), ("Count", 3), ("Share", 0.5), ("Odd", double.NaN), ("Yes", true), ("None", null), ("{OriginalFormat}", "t")));

        Assert.Equal(
            """{"time":"2026-03-04T03:06:07.890000Z","level":"warning","category":"c","event":1105,"message":"the message","fields":{"Deployment":"ns/\"a\"\nb","Count":3,"Share":0.5,"Odd":"NaN","Yes":true,"None":null}}"""
            + "\n",
            line);
    }

    [Fact]
    public void Nothing_that_is_not_there_is_written() =>
        Assert.Equal("""{"time":"2026-03-04T03:06:07.890000Z","level":"info","category":"c","message":"the message"}""" + "\n", Line(LogLevel.Information, default, Fields(("{OriginalFormat}", "t"))));

    [Fact]
    public void An_exception_is_one_line_and_texts_have_an_end()
    {
        var line = Line(LogLevel.Error, default, Fields(("Long", new string('x', 100_000))), new InvalidOperationException("first\nsecond"));
        var json = JsonNode.Parse(line)!;

        Assert.Equal(1, line.Count(c => c == '\n'));
        Assert.StartsWith("System.InvalidOperationException: first\nsecond", (string)json["exception"]!, StringComparison.Ordinal);
        Assert.Equal(JsonLineFormatter.LongestText + 1, ((string)json["fields"]!["Long"]!).Length);
    }

    [Fact]
    public void Half_a_character_is_replaced()
    {
        // No argument of a theory: runners write those as UTF-8.
        var json = JsonNode.Parse(Line(LogLevel.Error, default, Fields(("High", "a\ud800"), ("Low", "\udc00b"))))!;

        Assert.Equal(("a\ufffd", "\ufffdb"), ((string)json["fields"]!["High"]!, (string)json["fields"]!["Low"]!));
    }

    /// <summary>Whatever text comes from outside: a terminal's commands, what some take for the end of a line.</summary>
    [Theory]
    [InlineData("\u001b[2J\u0000\r\u0085\u2028\u2029\u009b", "\u001b[2J\u0000\r\u0085\u2028\u2029\u009b")]
    [InlineData("😀\"\\/<>&'", "😀\"\\/<>&'")]
    public void A_line_is_one_line_of_JSON_whatever_is_in_it(string text, string read)
    {
        var line = Line(LogLevel.Error, default, Fields(("Text", text), (text, 1)), new InvalidOperationException(text));
        var json = JsonNode.Parse(line)!;

        Assert.DoesNotContain(line[..^1], c => char.IsControl(c) || c is '\u2028' or '\u2029' || (char.IsSurrogate(c) && !text.Contains("😀", StringComparison.Ordinal)));
        Assert.Equal(read, (string)json["fields"]!["Text"]!);
        Assert.Contains(read, (string)json["exception"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_is_not_cut_between_the_halves_of_a_character()
    {
        var json = JsonNode.Parse(Line(LogLevel.Error, default, Fields(("Long", new string('x', JsonLineFormatter.LongestText - 1) + "😀!"))))!;

        Assert.Equal(new string('x', JsonLineFormatter.LongestText - 1) + "…", (string)json["fields"]!["Long"]!);
    }

    [Fact]
    public void Times_are_written_as_the_lines_own()
    {
        var json = JsonNode.Parse(Line(LogLevel.Error, default, Fields(("NotAfter", Now))))!;

        Assert.Equal("2026-03-04T05:06:07.8900000+02:00", (string)json["fields"]!["NotAfter"]!);
    }

    [Fact]
    public void Within_a_trace_a_line_says_which()
    {
        using var activity = new Activity("a").SetIdFormat(ActivityIdFormat.W3C).Start();
        var json = JsonNode.Parse(Line(LogLevel.Information, default, Fields()))!;

        Assert.Equal((activity.TraceId.ToHexString(), activity.SpanId.ToHexString()), ((string)json["traceId"]!, (string)json["spanId"]!));
    }

    private static List<KeyValuePair<string, object?>> Fields(params (string Name, object? Value)[] fields) => [.. fields.Select(field => new KeyValuePair<string, object?>(field.Name, field.Value))];

    private string Line(LogLevel level, EventId id, List<KeyValuePair<string, object?>> fields, Exception? exception = null)
    {
        using var writer = new StringWriter();
        _formatter.Write(new LogEntry<List<KeyValuePair<string, object?>>>(level, "c", id, fields, exception, (_, _) => "the message"), null, writer);
        return writer.ToString();
    }
}
