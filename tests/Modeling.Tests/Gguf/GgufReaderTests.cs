using System.Globalization;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Tests.Sources;

namespace GpuStack.Modeling.Tests.Gguf;

public class GgufReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<uint, bool, int> Formats
    {
        get
        {
            var formats = new TheoryData<uint, bool, int>();
            foreach (uint version in (uint[])[2, 3])
            {
                foreach (bool bigEndian in (bool[])[false, true])
                {
                    foreach (int piece in (int[])[1, 7, int.MaxValue])
                    {
                        formats.Add(version, bigEndian, piece);
                    }
                }
            }

            return formats;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Both_versions_and_byte_orders_are_read(uint version, bool bigEndian, int piece)
    {
        var writer = new GgufWriter { Version = version, BigEndian = bigEndian };
        writer.Add("general.architecture", "llama");
        writer.Add("llama.block_count", 2u);
        writer.Add("llama.big", ulong.MaxValue);
        writer.Add("llama.small", (ushort)513);
        writer.Add("llama.negative", -2);
        writer.Add("llama.scale", 0.5f);
        writer.Add("llama.flag", true);
        writer.Add("llama.heads", [8, 0, 4]);
        writer.Add("llama.factors", [1f, 2f]);
        writer.Add("tokenizer.ggml.tokens", ["a", "b"]);
        writer.AddTensor("token_embd.weight", GgmlType.Q4_K, 256, 3);
        writer.AddTensor("output_norm.weight", GgmlType.F32, 5);
        writer.AddTensor("output.weight", GgmlType.F16, 256, 3);

        GgufHeader header = await GgufReader.ReadAsync(new BytesSource(writer.ToHeader(), piece), cancellationToken: Token);

        Assert.Equal((int)version, header.Version);
        Assert.Equal(bigEndian, header.BigEndian);
        Assert.Equal("llama", header.Metadata.Text("general.architecture"));
        Assert.Equal(2, header.Metadata.Integer("llama.block_count"));
        Assert.Equal(-1, header.Metadata.Integer("llama.big"));
        Assert.Equal(513, header.Metadata.Integer("llama.small"));
        Assert.Equal(-2, header.Metadata.Integer("llama.negative"));
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

    /// <summary>As convert_hf_to_gguf.py --bigendian begins its files: the magic in its one order, all numbers turned around.</summary>
    [Fact]
    public async Task A_big_endian_file_begins_with_the_same_magic()
    {
        byte[] bytes = [.. "GGUF"u8, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, .. "k"u8, 0, 0, 0, 2, 1, 2];

        GgufHeader header = await GgufReader.ReadAsync(new BytesSource(bytes), cancellationToken: Token);

        Assert.Equal((3, true, 258L), (header.Version, header.BigEndian, header.Metadata.Integer("k")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_type_of_value_is_read_alone_and_in_arrays(bool bigEndian)
    {
        (GgufValueType Type, byte[] LittleEndian, double Value)[] values =
        [
            (GgufValueType.UInt8, [200], 200),
            (GgufValueType.Int8, [200], -56),
            (GgufValueType.UInt16, [1, 255], 65281),
            (GgufValueType.Int16, [1, 255], -255),
            (GgufValueType.UInt32, [1, 0, 0, 255], 4278190081),
            (GgufValueType.Int32, [1, 0, 0, 255], -16777215),
            (GgufValueType.Float32, [0, 0, 192, 191], -1.5),
            (GgufValueType.Bool, [7], 1),
            (GgufValueType.UInt64, [1, 0, 0, 0, 0, 0, 1, 0], 281474976710657),
            (GgufValueType.Int64, [255, 255, 255, 255, 255, 255, 255, 255], -1),
            (GgufValueType.Float64, [0, 0, 0, 0, 0, 0, 248, 63], 1.5),
        ];
        RawHeader raw = RawHeader.Start(0, 2 * (ulong)values.Length, bigEndian: bigEndian);
        foreach ((GgufValueType type, byte[] littleEndian, _) in values)
        {
            raw.String($"one {type}").U32((uint)type).Number(littleEndian);
            raw.String($"two {type}").U32(9).U32((uint)type).U64(2).Number(littleEndian).Number(littleEndian);
        }

        GgufHeader header = await GgufReader.ReadAsync(new BytesSource(raw.ToArray()), cancellationToken: Token);

        foreach ((GgufValueType type, _, double expected) in values)
        {
            Assert.Equal(expected, header.Metadata.Number($"one {type}"));
            Assert.True(header.Metadata.TryGet($"two {type}", out GgufValue? array));
            Assert.Equal((GgufValueType.Array, type, 2L), (array.Type, array.ElementType, array.Count));
            Assert.Equal([expected, expected], array.Elements.Select(element => element.Number ?? element.Integer!.Value));
        }
    }

    [Fact]
    public async Task A_scalar_is_a_tensor_of_one_element()
    {
        byte[] bytes = RawHeader.Start(1, 0).Tensor("scale", [], 0, 0).ToArray();

        GgufTensor tensor = Assert.Single((await GgufReader.ReadAsync(new BytesSource(bytes), cancellationToken: Token)).Tensors);

        Assert.Equal([1L], tensor.Dimensions);
        Assert.Equal((1L, 4L), (tensor.Elements, tensor.Size));
    }

    [Theory]
    [InlineData("general.alignment", 64)]
    [InlineData("general.alignment", 1)]
    [InlineData("general.alignment", 1 << 20)]
    [InlineData("other", 32)]
    public async Task Data_begins_at_the_alignment_that_the_file_states(string key, int alignment)
    {
        var writer = new GgufWriter { Alignment = alignment };
        writer.Add(key, (uint)alignment);
        writer.AddTensor("a", GgmlType.F32, 9);
        writer.AddTensor("b", GgmlType.F32, 1);

        GgufHeader header = await GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), cancellationToken: Token);

        Assert.Equal(alignment, header.Alignment);
        Assert.Equal(writer.ToHeader().Length, header.DataOffset);
        Assert.Equal((36 + alignment - 1) / alignment * alignment, header.Tensors[1].Offset);
        Assert.Equal(header.DataOffset + writer.DataBytes, header.FileSize);
    }

    [Fact]
    public async Task A_tokenizer_of_256k_entries_is_passed_over_in_one_pass()
    {
        byte[] bytes = LargeTokenizer(out int entries);
        var source = new BytesSource(bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        GgufHeader header = await GgufReader.ReadAsync(source, cancellationToken: Token);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(bytes.Length, 10_000_000, 12_000_000);
        foreach (string key in (string[])["tokens", "merges", "scores", "token_type"])
        {
            Assert.True(header.Metadata.TryGet($"tokenizer.ggml.{key}", out GgufValue? value));
            Assert.Equal(entries, value.Count);
            Assert.True(value.Elements.IsDefault);
        }

        Assert.Equal(1, header.Metadata.Integer("tokenizer.ggml.bos_token_id"));
        Assert.InRange(allocated, 0, 400 << 10);

        // Numbers are not even read: two arrays of 1 MiB each, but for what a buffer of 256 KiB holds of them.
        Assert.InRange(source.BytesRead, 0, bytes.Length - (2 << 20) + (3 * (256 << 10)));
        Assert.InRange(source.Reads, 1, 60);
    }

    [Fact]
    public async Task A_header_of_10_megabytes_takes_six_requests()
    {
        byte[] bytes = LargeTokenizer(out _);
        await using WebServer server = await WebServer.StartAsync(WebServer.File(bytes));
        using var client = new HttpClient(HttpByteRangeSource.CreateHandler());
        await using var source = new HttpByteRangeSource(client, new Uri(server.Address, "model.gguf"));

        await GgufReader.ReadAsync(source, cancellationToken: Token);

        // 256 KiB, 512 KiB, 1, 2, 4 and 4 MiB.
        Assert.Equal(6, server.Requests.Count);
        long[] starts = [.. server.Requests.Select(request => long.Parse(request.Range["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture))];
        Assert.Equal(starts.Order().Distinct(), starts);
    }

    /// <summary>A header as large as those of today's largest tokenizers: tokens, scores, types and merges of 2^18 entries.</summary>
    private static byte[] LargeTokenizer(out int entries)
    {
        int count = entries = 256 * 1024;
        var writer = new GgufWriter();
        writer.Add("tokenizer.ggml.tokens", [.. Enumerable.Range(0, count).Select(i => $"to{i}")]);
        writer.Add("tokenizer.ggml.scores", new float[count]);
        writer.Add("tokenizer.ggml.token_type", new int[count]);
        writer.Add("tokenizer.ggml.merges", [.. Enumerable.Range(0, count).Select(i => $"a b{i}")]);
        writer.Add("tokenizer.ggml.bos_token_id", 1u);
        writer.AddTensor("token_embd.weight", GgmlType.F16, 64, count);
        return writer.ToHeader();
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
