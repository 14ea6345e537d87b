using System.Text;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.Tests.Gguf;

/// <summary>Every broken or hostile header ends in one sentence that names the file, soon and in little memory.</summary>
public class HostileHeaderTests
{
    private static readonly ulong[] Row = [32];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, byte[]> Cases => new()
    {
        { "nothing", "ends within its header", [] },
        { "safetensors", "begins with", "{\"__metadata__\":{}}"u8.ToArray() },
        { "a pointer of git-lfs", "\"vers\"", "version https://git-lfs.github.com/spec/v1"u8.ToArray() },
        { "version 1", "GGUF version 1, but versions 2 and 3 can be read; convert the model again", RawHeader.Start(0, 0, version: 1).ToArray() },
        { "version 1 of the other byte order", "version 1,", RawHeader.Start(0, 0, version: 1 << 24).ToArray() },
        { "version 0", "version 0", RawHeader.Start(0, 0, version: 0).ToArray() },
        { "version 9", "version 9", RawHeader.Start(0, 0, version: 9).ToArray() },
        { "tensors without end", "18446744073709551615 tensors", RawHeader.Start(ulong.MaxValue, 0).ToArray() },
        { "metadata without end", "metadata entries", RawHeader.Start(0, 1UL << 40).ToArray() },
        { "as many tensors as allowed, and none there", "ends within its header", RawHeader.Start(200_000, 0).ToArray() },
        { "a key of 2^62 bytes", "bytes long", RawHeader.Start(0, 1).U64(1UL << 62).ToArray() },
        { "a string of 2^63 bytes", "bytes long", RawHeader.Start(0, 1).String("k").U32(8).U64(1UL << 63).ToArray() },
        { "a string beyond the file", "ends within its header", RawHeader.Start(0, 1).String("k").U32(8).U64(60_000).ToArray() },
        { "a long string beyond the file", "ends within its header", RawHeader.Start(0, 1).String("k").U32(8).U64(16 << 20).ToArray() },
        { "an array of 2^60 numbers", "elements", RawHeader.Start(0, 1).String("k").U32(9).U32(4).U64(1UL << 60).ToArray() },
        { "an array beyond the file", "ends within its header", RawHeader.Start(0, 1).String("k").U32(9).U32(12).U64(16_000_000).ToArray() },
        { "strings beyond the file", "ends within its header", RawHeader.Start(0, 1).String("k").U32(9).U32(8).U64(16_000_000).ToArray() },
        { "strings of 2^63 bytes", "bytes long", RawHeader.Start(0, 1).String("k").U32(9).U32(8).U64(2).U64(1UL << 63).ToArray() },
        { "numbers up to the bound on the header, and none there", "ends within its header", RawHeader.Start(0, 2).String("k").U32(9).U32(10).U64(16_000_000).String("l").U32(9).U32(10).U64(16_000_000).ToArray() },
        { "arrays in arrays in arrays", "'k1' is an array of the unknown element type 9", Enumerable.Range(0, 60_000).Aggregate(RawHeader.Start(0, 1).String("k1").U32(9), (raw, _) => raw.U32(9).U64(1)).ToArray() },
        { "an array of arrays", "unknown element type", RawHeader.Start(0, 1).String("k").U32(9).U32(9).U64(1).ToArray() },
        { "an unknown value type", "unknown type 77", RawHeader.Start(0, 1).String("k").U32(77).ToArray() },
        { "a key twice", "twice", RawHeader.Start(0, 2).String("k").U32(4).U32(1).String("k").U32(4).U32(1).ToArray() },
        { "an alignment of 0", "general.alignment", RawHeader.Start(0, 1).String("general.alignment").U32(4).U32(0).ToArray() },
        { "an alignment of 3", "general.alignment", RawHeader.Start(0, 1).String("general.alignment").U32(4).U32(3).ToArray() },
        { "an alignment that is text", "general.alignment", RawHeader.Start(0, 1).String("general.alignment").U32(8).String("32").ToArray() },
        { "an empty key", "the key of metadata entry 1 of 1 is empty", RawHeader.Start(0, 1).String("").U32(4).U32(1).ToArray() },
        { "five dimensions", "5 dimensions", RawHeader.Start(1, 0).Tensor("t", [1, 1, 1, 1, 1], 0, 0).ToArray() },
        { "a dimension of 0", "dimension of 0", RawHeader.Start(1, 0).Tensor("t", [32, 0], 0, 0).ToArray() },
        { "a dimension of 2^64-1", "2^63", RawHeader.Start(1, 0).Tensor("t", [ulong.MaxValue], 0, 0).ToArray() },
        { "dimensions that overflow", "2^63", RawHeader.Start(1, 0).Tensor("t", [1UL << 32, 1UL << 32], 0, 0).ToArray() },
        { "bytes that overflow", "2^63", RawHeader.Start(1, 0).Tensor("t", [1UL << 62], 0, 0).ToArray() },
        { "sums that overflow", "2^63", RawHeader.Start(2, 0).Tensor("t", [1UL << 60], 0, 0).Tensor("u", [1UL << 60], 0, 1UL << 62).ToArray() },
        { "a type of the future", "unknown type 999", RawHeader.Start(1, 0).Tensor("t", Row, 999, 0).ToArray() },
        { "a retired type", "tensor 't' is of type 4, the retired Q4_2; quantize the model again, as Q4_0", RawHeader.Start(1, 0).Tensor("t", Row, 4, 0).ToArray() },
        { "a type of a fork", "tensor 't' is of the unknown type 139", RawHeader.Start(1, 0).Tensor("t", Row, 139, 0).ToArray() },
        { "a row that is no whole block", "no multiple", RawHeader.Start(1, 0).Tensor("t", [31], 2, 0).ToArray() },
        { "a tensor twice", "twice", RawHeader.Start(2, 0).Tensor("t", Row, 0, 0).Tensor("t", Row, 0, 128).ToArray() },
        { "offsets that overlap", "begins at offset 64", RawHeader.Start(2, 0).Tensor("t", Row, 0, 0).Tensor("u", Row, 0, 64).ToArray() },
        { "the same offset twice", "begins at offset 0", RawHeader.Start(2, 0).Tensor("t", Row, 0, 0).Tensor("u", Row, 0, 0).ToArray() },
        {
            "cyclic offsets", "begins at offset 256",
            RawHeader.Start(3, 0).Tensor("t", Row, 0, 256).Tensor("u", Row, 0, 128).Tensor("v", Row, 0, 0).ToArray()
        },
        { "an offset that is not aligned", "begins at offset 129", RawHeader.Start(2, 0).Tensor("t", Row, 0, 0).Tensor("u", Row, 0, 129).ToArray() },
        { "an offset of 2^64-1", "18446744073709551615", RawHeader.Start(1, 0).Tensor("t", Row, 0, ulong.MaxValue).ToArray() },
        { "a name with control characters", "'?[2J?'", RawHeader.Start(1, 0).Tensor("\u001b[2J\n", Row, 999, 0).ToArray() },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_broken_header_is_refused_in_one_sentence(string name, string expected, byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        GgufFormatException exception = await RefusalAsync(bytes);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.StartsWith("test.gguf: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", exception.Message, StringComparison.Ordinal);
        Assert.True(allocated < 1 << 20, $"{name}: {allocated} bytes");
    }

    [Fact]
    public async Task A_header_cut_at_any_byte_is_refused()
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "llama");
        writer.Add("llama.heads", [1, 2, 3]);
        writer.Add("llama.long", new int[50]);
        writer.Add("tokens", ["one", "", "three"]);
        writer.AddTensor("a", GgmlType.F32, 8, 8);
        writer.AddTensor("b", GgmlType.Q8_0, 32);
        byte[] whole = writer.ToHeader();
        int end = LastTensorEnd(whole);

        for (int length = 0; length < end; length++)
        {
            GgufFormatException exception = await RefusalAsync(whole[..length], new GgufLimits { KeptArrayElements = 10 });
            Assert.Contains("it is incomplete", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_header_that_ends_in_an_array_passed_over_must_have_it()
    {
        var writer = new GgufWriter();
        writer.Add("numbers", new int[50_000]);
        byte[] whole = writer.ToHeader();

        await GgufReader.ReadAsync(new BytesSource(whole), cancellationToken: Token);
        await RefusalAsync(whole[..100_000]);
    }

    [Fact]
    public async Task A_header_beyond_the_bound_is_refused_though_well_formed()
    {
        var writer = new GgufWriter();
        for (int i = 0; i < 200; i++)
        {
            writer.Add($"key{i}", new string('x', 1000));
        }

        var limits = new GgufLimits { HeaderBytes = 100 << 10 };
        var exception = await Assert.ThrowsAsync<GgufFormatException>(
            () => GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), limits, Token));

        Assert.Contains("header is larger", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_array_beyond_the_bound_is_refused_before_it_is_passed_over()
    {
        byte[] bytes = RawHeader.Start(0, 1).String("k").U32(9).U32(10).U64(5000).ToArray();

        var exception = await Assert.ThrowsAsync<GgufFormatException>(
            () => GgufReader.ReadAsync(new BytesSource(bytes), new GgufLimits { HeaderBytes = 32 << 10 }, Token));

        Assert.Contains("header is larger than 0 MiB (at the value of 'k')", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_beyond_the_memory_bound_are_refused()
    {
        var writer = new GgufWriter();
        for (int i = 0; i < 200; i++)
        {
            writer.Add($"key{i}", new string('x', 50_000));
        }

        var limits = new GgufLimits { KeptBytes = 1 << 20 };
        var exception = await Assert.ThrowsAsync<GgufFormatException>(
            () => GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), limits, Token));

        Assert.Contains("more than 1 MiB", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_truncated_file_claims_costs_no_reading()
    {
        foreach (uint elementType in (uint[])[0, 4, 8, 12])
        {
            byte[] bytes = RawHeader.Start(200_000, 2).String("k").U32(9).U32(elementType).U64(16_000_000).ToArray();
            var source = new BytesSource(bytes);

            await Assert.ThrowsAsync<GgufFormatException>(() => GgufReader.ReadAsync(source, cancellationToken: Token));

            Assert.InRange(source.Reads, 1, 3);
        }
    }

    [Fact]
    public async Task A_source_that_gives_one_byte_at_a_time_is_read_once()
    {
        var writer = new GgufWriter();
        writer.Add("text", new string('x', 60_000));
        writer.Add("tokens", [.. Enumerable.Range(0, 5000).Select(i => $"token {i}")]);
        for (int i = 0; i < 500; i++)
        {
            writer.AddTensor($"blk.{i}.weight", GgmlType.F16, 32, 32);
        }

        byte[] bytes = writer.ToHeader();
        var source = new BytesSource(bytes, piece: 1);

        GgufHeader header = await GgufReader.ReadAsync(source, cancellationToken: Token);

        Assert.Equal(500, header.Tensors.Length);
        Assert.InRange(source.Reads, 1, bytes.Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1L << 60)]
    public async Task A_source_that_lies_about_its_length_harms_nobody(long length)
    {
        var writer = new GgufWriter();
        writer.Add("tokens", ["a", "b"]);
        writer.AddTensor("a", GgmlType.F32, 8);
        byte[] bytes = writer.ToHeader();

        GgufHeader header = await GgufReader.ReadAsync(new BytesSource(bytes) { Length = length }, cancellationToken: Token);
        await Assert.ThrowsAsync<GgufFormatException>(
            () => GgufReader.ReadAsync(new BytesSource(bytes[..^40]) { Length = length }, cancellationToken: Token));

        Assert.Single(header.Tensors);
    }

    [Fact]
    public async Task As_many_tensors_as_allowed_with_the_longest_names_stay_within_the_memory_bound()
    {
        const int Tensors = 200_000;
        string filler = new('x', 240);
        var raw = RawHeader.Start(Tensors, 0);
        for (int i = 0; i < Tensors; i++)
        {
            raw.Tensor($"{filler}{i:000000}", [8], 0, 32UL * (ulong)i);
        }

        byte[] bytes = raw.ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        GgufFormatException exception = await RefusalAsync(bytes);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Contains("more than 64 MiB of names and values (at tensor ", exception.Message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 2 * GgufLimits.Default.KeptBytes);
    }

    private static Task<GgufFormatException> RefusalAsync(byte[] bytes, GgufLimits? limits = null) => Assert.ThrowsAsync<GgufFormatException>(
        () => GgufReader.ReadAsync(new BytesSource(bytes), limits, Token));

    private static int LastTensorEnd(byte[] header)
    {
        int name = header.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes("b\u0001\0\0\0"));
        return name + 1 + sizeof(uint) + sizeof(ulong) + sizeof(uint) + sizeof(ulong);
    }
}
