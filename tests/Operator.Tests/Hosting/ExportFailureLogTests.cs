using GpuStack.Operator.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Operator.Tests.Hosting;

public sealed class ExportFailureLogTests
{
    private const string Refused = "System.Net.Http.HttpRequestException: Connection refused (collector:4318)\n ---> System.Net.Sockets.SocketException (111): Connection refused\n   at System.Net";

    private readonly FakeTimeProvider _time = new();
    private readonly Lines _lines = new();

    [Fact]
    public void A_kind_has_one_line_a_minute_which_counts_the_others()
    {
        using var log = new ExportFailureLog(new Uri("https://user:secret@collector:4318/a?b=secret"), _time, _lines);
        for (var second = 0; second < 61; second++)
        {
            log.Failed("FailedToReachCollector", ["http://collector", Refused]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        log.Failed("RequestTimedOut", ["http://collector", ""]);
        log.Failed("RequestTimedOut", ["http://collector", ""]);

        Assert.Equal(
            [
                "Metrics and traces may be missing at the collector https://collector:4318: it cannot be reached: Connection refused (0 more since the last such line)",
                "Metrics and traces may be missing at the collector https://collector:4318: it cannot be reached: Connection refused (59 more since the last such line)",
                "Metrics and traces may be missing at the collector https://collector:4318: it does not answer in time (0 more since the last such line)",
            ],
            _lines.Written);
    }

    [Fact]
    public void Kinds_without_end_have_no_lines()
    {
        using var log = new ExportFailureLog(new Uri("http://collector:4318"), _time, _lines);
        for (var i = 0; i < 1000; i++)
            log.Failed($"Kind{i}", []);

        Assert.Equal(64, _lines.Written.Count);
    }

    [Theory]
    [InlineData("FailedToReachCollector", "it cannot be reached: No such host is known. (h:1)", "http://u:secret@h", "System.Net.Http.HttpRequestException: No such host is known. (h:1)")]
    [InlineData("TransientHttpError", "it cannot be reached: Connection refused", "http://h", Refused)]
    // A header that cannot be sent stands in the message.
    [InlineData("FailedToReachCollector", "it cannot be reached: FormatException", "http://h", "System.FormatException: The format of value 'Bearer secret' is invalid.")]
    [InlineData("FailedToReachCollector", "it cannot be reached: FormatException", "http://h", "System.Net.Http.HttpRequestException: An error\n ---> System.FormatException: The format of value 'secret' is invalid.")]
    [InlineData(
        "FailedToReachCollector",
        "it cannot be reached: The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot",
        "https://h",
        "System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception.\n ---> System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot\n   at X")]
    // The server's own words stay out.
    [InlineData("HttpRequestFailed", "it answers with the status 401", "http://h", "no such token: secret", "System.Net.Http.HttpRequestException: Response status code does not indicate success: 401 (secret).")]
    [InlineData("HttpRequestFailed", "the request failed: too large", "http://h", null, "System.Net.Http.HttpRequestException: too\x1blarge")]
    [InlineData("ExportFailure", "it refuses with the gRPC status Unauthenticated", "http://h", "Export failed due to unexpected status code.", "Status(StatusCode=\"Unauthenticated\", Detail=\"secret\")")]
    [InlineData("ExportFailure", "it refuses with the gRPC status Unknown", "http://h", "x", "secret")]
    [InlineData("InvalidConfigurationValue", "the variable OTEL_EXPORTER_OTLP_HEADERS has a value that cannot be read", "OTEL_EXPORTER_OTLP_HEADERS", "secret")]
    [InlineData("ExportMethodException", "the export failed: InvalidOperationException", "System.InvalidOperationException: secret", false)]
    [InlineData("ResponseDeserializationFailed", "its answer cannot be read", "http://h")]
    [InlineData("Something", "the exporter reports Something", "secret")]
    [InlineData("FailedToReachCollector", "it cannot be reached: ")]
    public void No_secret_is_in_a_text(string kind, string expected, params object?[] said)
    {
        Assert.Equal(expected, ExportFailure.Text(kind, said));
        Assert.DoesNotContain("secret", ExportFailure.Text(kind, said), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_have_an_end() =>
        Assert.InRange(ExportFailure.Text("FailedToReachCollector", ["", "System.IO.IOException: " + new string('x', 100_000)]).Length, 100, 400);

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.Equal((LogLevel.Warning, 1401), (logLevel, eventId.Id));
            Written.Add(formatter(state, exception));
        }
    }
}
