using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Sources;

public class StreamByteRangeSourceTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7 / 3))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_is_read_forwards_and_what_lies_between_is_thrown_away()
    {
        await using StreamByteRangeSource source = Source(Content);
        var buffer = new byte[100];

        Assert.Equal(100, await source.ReadAsync(50, buffer, Token));
        Assert.Equal(Content[50..150], buffer);
        Assert.Equal(100, await source.ReadAsync(150_000, buffer, Token));
        Assert.Equal(Content[150_000..150_100], buffer);
        Assert.Null(source.Length);
        Assert.Equal(0, await source.ReadAsync(250_000, buffer, Token));
        Assert.Equal(Content.Length, source.Length);
    }

    [Fact]
    public async Task A_stream_cannot_go_back()
    {
        await using StreamByteRangeSource source = Source(Content);
        await source.ReadAsync(1000, new byte[10], Token);

        var exception = await Assert.ThrowsAsync<ByteRangeException>(async () => await source.ReadAsync(999, new byte[10], Token));

        Assert.Equal("standard input: was read up to byte 1010 and cannot go back to byte 999; save it as a file and name that.", exception.Message);
    }

    [Fact]
    public async Task No_more_of_a_stream_is_read_than_the_bound()
    {
        await using var source = new StreamByteRangeSource(new EndlessStream(), "endless", maximum: 2 << 20);

        Assert.Equal(1, await source.ReadAsync((2 << 20) - 1, new byte[10], Token));
        var exception = await Assert.ThrowsAsync<ByteRangeException>(async () => await source.ReadAsync(long.MaxValue, new byte[10], Token));

        Assert.Equal("endless: the first 2 MiB did not suffice, and no more of a stream is read; save it as a file and name that.", exception.Message);
    }

    [Fact]
    public async Task A_model_is_read_from_a_compressed_stream()
    {
        var writer = new GgufWriter();
        writer.Add("tokenizer.ggml.scores", new float[100_000]);
        writer.Add("tokenizer.ggml.tokens", [.. Enumerable.Range(0, 50_000).Select(i => $"token {i}")]);
        writer.AddTensor("a", GgmlType.F32, 8);
        using var packed = new MemoryStream();
        await using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await zip.WriteAsync(writer.ToHeader(), Token);
        }

        packed.Position = 0;
        await using var source = new StreamByteRangeSource(new GZipStream(packed, CompressionMode.Decompress), "layer");

        GgufHeader header = await GgufReader.ReadAsync(source, cancellationToken: Token);

        Assert.Equal("a", Assert.Single(header.Tensors).Name);
    }

    [Fact]
    public async Task A_header_that_ends_in_numbers_passed_over_is_read_from_a_stream()
    {
        var writer = new GgufWriter();
        writer.Add("numbers", new int[100_000]);
        byte[] header = writer.ToHeader();

        await GgufReader.ReadAsync(Source(header), cancellationToken: Token);
        await Assert.ThrowsAsync<GgufFormatException>(() => GgufReader.ReadAsync(Source(header[..200_000]), cancellationToken: Token));
    }

    [Fact]
    public async Task A_header_is_complete_before_the_stream_ends()
    {
        var pipe = new Pipe();
        var writer = new GgufWriter();
        writer.AddTensor("a", GgmlType.F32, 8);
        await pipe.Writer.WriteAsync(writer.ToHeader(), Token);
        await using var source = new StreamByteRangeSource(pipe.Reader.AsStream(), "pipe");

        GgufHeader header = await GgufReader.ReadAsync(source, cancellationToken: Token);

        Assert.Single(header.Tensors);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_named()
    {
        using var packed = new MemoryStream([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        await using var source = new StreamByteRangeSource(new GZipStream(packed, CompressionMode.Decompress), "layer");

        var exception = await Assert.ThrowsAsync<ByteRangeException>(async () => await source.ReadAsync(0, new byte[10], Token));

        Assert.StartsWith("layer: cannot be read: ", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task The_stream_is_closed_with_its_source_unless_it_is_to_stay_open()
    {
        var kept = new MemoryStream(Content);
        var closed = new MemoryStream(Content);

        await new StreamByteRangeSource(kept, "kept", leaveOpen: true).DisposeAsync();
        await new StreamByteRangeSource(closed, "closed").DisposeAsync();

        Assert.True(kept.CanRead);
        Assert.False(closed.CanRead);
    }

    private static StreamByteRangeSource Source(byte[] bytes)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        pipe.Writer.Write(bytes);
        pipe.Writer.Complete();
        return new StreamByteRangeSource(pipe.Reader.AsStream(), "standard input");
    }

    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
