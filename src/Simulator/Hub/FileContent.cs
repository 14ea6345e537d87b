using System.Buffers;

namespace GpuStack.Simulator.Hub;

/// <summary>Streams a part of a hub file; what lies beyond its existing bytes is zeros, made as they are sent.</summary>
internal static class FileContent
{
    private const int BufferSize = 64 * 1024;

    public static async Task WriteAsync(HubFile file, ByteRange range, Stream output, Action<long> written, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using var source = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: true);
            var position = range.Start;
            var left = range.Length;
            while (left > 0)
            {
                var count = (int)Math.Min(left, BufferSize);
                if (position < file.HeaderBytes)
                {
                    source.Position = position;
                    count = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, file.HeaderBytes - position)), cancellationToken);
                    if (count == 0)
                        throw new EndOfStreamException($"{file.Path} is shorter than its index says.");
                }
                else
                {
                    buffer.AsSpan(0, count).Clear();
                }
                await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                written(count);
                position += count;
                left -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
