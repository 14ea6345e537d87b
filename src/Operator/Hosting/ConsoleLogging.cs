using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace GpuStack.Operator.Hosting;

/// <summary>One line per entry, with UTC times, on standard error: standard output belongs to results.</summary>
internal static class ConsoleLogging
{
    public static ILoggerFactory Create(LogLevel level, LogFormat format = LogFormat.Text) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level);
        var json = format == LogFormat.Json;
        builder.AddConsole(console => console.FormatterName = json ? JsonLineFormatter.FormatName : TextLineFormatter.FormatName)
            .Services.AddSingleton<ConsoleFormatter>(json ? new JsonLineFormatter(TimeProvider.System) : new TextLineFormatter(TimeProvider.System));
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
