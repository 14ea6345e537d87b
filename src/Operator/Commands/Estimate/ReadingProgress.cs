using Spectre.Console;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>Shows that something is read from afar: a moving sign on a terminal, one plain line elsewhere; always on standard error.</summary>
internal static class ReadingProgress
{
    public static async Task<T> ShowAsync<T>(TextWriter error, string location, Func<Task<T>> read)
    {
        if (!ReferenceEquals(error, Console.Error) || Console.IsErrorRedirected)
        {
            await error.WriteLineAsync($"Reading {location}");
            return await read();
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return await console.Status().StartAsync($"Reading {Markup.Escape(location)}", _ => read());
    }
}
