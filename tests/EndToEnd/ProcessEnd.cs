using System.Diagnostics;
using System.Text;

namespace GpuStack.EndToEnd;

/// <summary>Waits for a process and what it writes, within a limit that holds whatever the process leaves behind.</summary>
internal static class ProcessEnd
{
    /// <summary>How long pipes may stay open behind a process: what they hold is there at once.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The exit code, and what was written. A process that does not end in time is killed, with what it started. One that ended may have left
    /// others that hold its pipes open, such as a build server: then what was read so far counts, for nothing more is to come from itself.
    /// </summary>
    /// <exception cref="TimeoutException">It did not end; the message has what it wrote.</exception>
    public static async Task<(int ExitCode, string Output, string Error)> OfAsync(Process process, TimeSpan limit, TimeSpan? rest = null)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        StringBuilder output = new();
        StringBuilder error = new();
        Task read = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, error));
        try
        {
            using CancellationTokenSource patience = new(limit, TimeProvider.System);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{process.StartInfo.FileName} did not end within {limit}.\n{Text(output)}\n{Text(error)}", exception);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        await Task.WhenAny(read, Task.Delay(rest ?? Rest, TimeProvider.System, cancellation));
        cancellation.ThrowIfCancellationRequested();
        return (process.ExitCode, Text(output), Text(error));
    }

    // Without a token: a read of a pipe cannot be cancelled. It ends when the last who holds the pipe is gone.
    private static async Task ReadAsync(StreamReader reader, StringBuilder text)
    {
        char[] block = new char[4096];
        try
        {
            while (await reader.ReadAsync(block.AsMemory(), CancellationToken.None) is > 0 and var count)
            {
                lock (text)
                {
                    text.Append(block, 0, count);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process was disposed of meanwhile.
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
