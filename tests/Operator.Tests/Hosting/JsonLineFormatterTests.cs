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
