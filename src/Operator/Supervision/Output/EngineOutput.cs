using System.Buffers;

namespace GpuStack.Operator.Supervision.Output;

/// <summary>
/// Passes the engine's streams on, byte for byte, and shows their lines to the watch. Nothing is held back: what is read is written before it
/// is looked at, and the engine waits for a slow reader exactly as it would without us. When nobody reads any more, it goes on.
/// </summary>
internal sealed class EngineOutput(OutputWatch watch, Stream output, Stream error)
{
    private const int BufferSize = 16 * 1024;

    /// <summary>For what the engine's last words need; what is held open by others is not waited for.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private Task _pumps = Task.CompletedTask;

    public OutputWatch Watch => watch;

    public void Start(Stream engineOutput, Stream engineError)
    {
        watch.Start();
        _pumps = Task.WhenAll(PumpAsync(engineOutput, output), PumpAsync(engineError, error));
    }

    /// <summary>After the engine's exit: until all it said is passed on.</summary>
    public async Task EndAsync(bool failed, TimeProvider time)
    {
        await Task.WhenAny(_pumps, Task.Delay(LastWords, time));
        watch.End(failed);
    }

    private async Task PumpAsync(Stream from, Stream to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var lines = new LineAssembler();
        var open = true;
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var count)
            {
                if (open)
                    open = await TryWriteAsync(to, buffer.AsMemory(0, count));
                lines.Add(buffer.AsSpan(0, count), watch.Observe);
            }
            lines.End(watch.Observe);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The pipe is gone with the engine.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<bool> TryWriteAsync(Stream to, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await to.WriteAsync(bytes);
            await to.FlushAsync();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
