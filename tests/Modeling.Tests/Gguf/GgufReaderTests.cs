using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.Tests.Gguf;

public class GgufReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<uint, bool> Formats => new() { { 2, false }, { 3, false }, { 3, true } };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Both_versions_and_byte_orders_are_read(uint version, bool bigEndian)
    {
        var writer = new GgufWriter { Version = version, BigEndian = bigEndian };
        writer.Add("general.architecture", "llama");
        writer.Add("llama.block_count", 2u);
        writer.Add("llama.big", ulong.MaxValue);
        writer.Add("llama.scale", 0.5f);
        writer.Add("llama.flag", true);
        writer.Add("llama.heads", [8, 0, 4]);
        writer.Add("llama.factors", [1f, 2f]);
        writer.Add("tokenizer.ggml.tokens", ["a", "b"]);
        writer.AddTensor("token_embd.weight", GgmlType.Q4_K, 256, 3);
        writer.AddTensor("output_norm.weight", GgmlType.F32, 5);
        writer.AddTensor("output.weight", GgmlType.F16, 256, 3);

        GgufHeader header = await GgufReader.ReadAsync(new BytesSource(writer.ToHeader(), piece: 7), cancellationToken: Token);

        Assert.Equal((int)version, header.Version);
        Assert.Equal(bigEndian, header.BigEndian);
        Assert.Equal("llama", header.Metadata.Text("general.architecture"));
        Assert.Equal(2, header.Metadata.Integer("llama.block_count"));
        Assert.Equal(-1, header.Metadata.Integer("llama.big"));
        Assert.Equal(0.5, header.Metadata.Number("llama.scale"));
        Assert.True(header.Metadata.Boolean("llama.flag"));
        Assert.True(header.Metadata.TryGet("llama.heads", out GgufValue? heads));
        Assert.Equal([8L, 0L, 4L], heads.Elements.Select(element => element.Integer!.Value));
        Assert.True(header.Metadata.TryGet("tokenizer.ggml.tokens", out GgufValue? tokens));
        Assert.Equal(2, tokens.Count);
        Assert.True(tokens.Elements.IsDefault);
        Assert.Equal(["token_embd.weight", "output_norm.weight", "output.weight"], header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([0L, 448L, 480L], header.Tensors.Select(tensor => tensor.Offset));
        Assert.Equal([432L, 20L, 1536L], header.Tensors.Select(tensor => tensor.Size));
        Assert.Equal(0, header.DataOffset % 32);
        Assert.Equal(header.DataOffset + writer.DataBytes, header.FileSize);
    }

    [Theory]
    [InlineData(GgmlType.F32, 1024)]
    [InlineData(GgmlType.BF16, 512)]
    [InlineData(GgmlType.Q4_0, 144)]
    [InlineData(GgmlType.Q8_0, 272)]
    [InlineData(GgmlType.Q2_K, 84)]
    [InlineData(GgmlType.Q3_K, 110)]
    [InlineData(GgmlType.Q6_K, 210)]
    [InlineData(GgmlType.IQ1_S, 50)]
    [InlineData(GgmlType.IQ1_M, 56)]
    [InlineData(GgmlType.IQ2_XXS, 66)]
    [InlineData(GgmlType.IQ3_S, 110)]
    [InlineData(GgmlType.IQ4_NL, 144)]
    [InlineData(GgmlType.IQ4_XS, 136)]
    [InlineData(GgmlType.TQ1_0, 54)]
    [InlineData(GgmlType.TQ2_0, 66)]
    [InlineData(GgmlType.MXFP4, 136)]
    public async Task A_row_of_256_elements_takes_the_bytes_of_its_type(GgmlType type, long bytes)
    {
        var writer = new GgufWriter();
        writer.AddTensor("t", type, 256);

        GgufHeader header = await GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), cancellationToken: Token);

        Assert.Equal(bytes, Assert.Single(header.Tensors).Size);
    }

    [Fact]
    public async Task A_tokenizer_of_256k_entries_is_passed_over()
    {
        const int Entries = 256 * 1024;
        var writer = new GgufWriter();
        writer.Add("tokenizer.ggml.scores", new float[Entries]);
        writer.Add("tokenizer.ggml.token_type", new int[Entries]);
        string[] tokens = [.. Enumerable.Range(0, Entries).Select(i => $"token{i}")];
        writer.Add("tokenizer.ggml.tokens", tokens);
        writer.Add("tokenizer.ggml.bos_token_id", 1u);
        writer.AddTensor("token_embd.weight", GgmlType.F16, 64, Entries);
        byte[] bytes = writer.ToHeader();
        var source = new BytesSource(bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        GgufHeader header = await GgufReader.ReadAsync(source, cancellationToken: Token);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(header.Metadata.TryGet("tokenizer.ggml.tokens", out GgufValue? value));
        Assert.Equal(Entries, value.Count);
        Assert.Equal(1, header.Metadata.Integer("tokenizer.ggml.bos_token_id"));
        Assert.InRange(allocated, 0, 256 << 10);

        // Numbers are not even read: two arrays of 1 MiB each, but for what a buffer of 64 KiB holds of them.
        Assert.InRange(source.BytesRead, 0, bytes.Length - (2 << 20) + (3 * (64 << 10)));
    }

    [Fact]
    public async Task A_header_alone_is_read_and_one_with_a_part_of_its_data_is_not()
    {
        var writer = new GgufWriter();
        writer.AddTensor("a", GgmlType.F32, 100);
        byte[] header = writer.ToHeader();

        GgufHeader read = await GgufReader.ReadAsync(new BytesSource(header, lengthKnown: true), cancellationToken: Token);
        var exception = await Assert.ThrowsAsync<GgufFormatException>(
            () => GgufReader.ReadAsync(new BytesSource([.. header, .. new byte[399]], lengthKnown: true), cancellationToken: Token));

        Assert.Equal(header.Length + 416, read.FileSize);
        Assert.Contains("download it again", exception.Message, StringComparison.Ordinal);
        await GgufReader.ReadAsync(new BytesSource([.. header, .. new byte[400]], lengthKnown: true), cancellationToken: Token);
    }

    [Fact]
    public async Task A_cancelled_read_ends()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(
            () => GgufReader.ReadAsync(new BytesSource(new GgufWriter().ToHeader()), cancellationToken: cancelled.Token));
    }
}
