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
        if (format == LogFormat.Json)
        {
            builder.AddConsole(console => console.FormatterName = JsonLineFormatter.FormatName)
                .Services.AddSingleton<ConsoleFormatter>(new JsonLineFormatter(TimeProvider.System));
        }
        else
        {
            builder.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                console.ColorBehavior = LoggerColorBehavior.Disabled;
                console.IncludeScopes = false;
            });
        }
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
