using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Safetensors;

public class SafetensorsReaderTests
{
    private const string Weight = """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}""";

    public static TheoryData<string, string> Refused() => new()
    {
        { """{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,4]}}""", "the tensor 'a' is of the unknown type 'Q4'" },
        { """{"a":{"dtype":"F16","shape":[2],"data_offsets":[4,0]}}""", "ends at 0, before it begins at 4" },
        { """{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,5]}}""", "has 5 bytes of data, but its shape and type F16 make 4" },
        { """{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}""", "its shape and type F4 make 1.5" },
        { """{"a":{"dtype":"F16","shape":[2],"data_offsets":[2,6]}}""", "no tensor covers its data from byte 0 to 2" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}""", "no tensor covers its data from byte 4 to 6" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", "two tensors overlap at byte 2" },
        { """{"a":{"dtype":"F16","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", "states a shape of more than 2^63 bits" },
        { """{"a":{"dtype":"F16","shape":[-2],"data_offsets":[0,4]}}""", "the shape of the tensor 'a' is no list" },
        { """{"a":{"dtype":"F16","shape":[1.5],"data_offsets":[0,4]}}""", "the shape of the tensor 'a' is no list" },
        { """{"a":{"dtype":"F16","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,2]}}""", "at most 16 whole numbers" },
        { """{"a":{"dtype":"F16","shape":2,"data_offsets":[0,4]}}""", "the shape of the tensor 'a' is not of its kind" },
        { """{"a":{"dtype":"F16","shape":[[2]],"data_offsets":[0,4]}}""", "is not of its kind" },
        { """{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4,5]}}""", "the data_offsets of the tensor 'a' is not of its kind" },
        { """{"a":{"dtype":16,"shape":[2],"data_offsets":[0,4]}}""", "the dtype of the tensor 'a' is not of its kind" },
        { """{"a":{"dtype":"F16","dtype":"F16","shape":[2],"data_offsets":[0,4]}}""", "states its dtype twice" },
        { """{"a":{"shape":[2],"data_offsets":[0,4]}}""", "the tensor 'a' states no dtype" },
        { """{"a":{"dtype":"F16","data_offsets":[0,4]}}""", "the tensor 'a' states no shape" },
        { """{"a":{"dtype":"F16","shape":[2]}}""", "the tensor 'a' states no data_offsets" },
        { """{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", "has the tensor 'a' twice" },
        { """{"__metadata__":{"a":1}}""", "a value of 'a' that is no text" },
        { """{"__metadata__":{},"__metadata__":{}}""", "has '__metadata__' twice" },
        { """{"a":3}""", "'a' is no object" },
        { """{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}""", "its header is no valid JSON" },
        { """{"a":{"dtype":"F16",}}""", "its header is no valid JSON" },
        { """{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", "no valid Unicode" },
    };

    [Fact]
    public async Task A_header_gives_its_tensors_metadata_and_size()
    {
        SafetensorsHeader header = await ReadAsync(SafetensorsFile.Raw(
            """{"__metadata__":{"format":"pt"},"b":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[12,16],"later":{"x":[1]}},"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}   """));

        Assert.Equal(["b", "a"], header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([2, 3], header.Tensors[1].Shape);
        Assert.Equal(ElementType.F8E4M3, header.Tensors[0].Type);
        Assert.Equal(new Bytes(4), header.Tensors[0].Size);
        Assert.Equal(new Bytes(16), header.DataSize);
        Assert.Equal("pt", header.Metadata["format"]);
    }

    [Fact]
    public async Task A_scalar_has_an_empty_shape_and_an_empty_file_no_tensors()
    {
        SafetensorsHeader scalar = await ReadAsync(SafetensorsFile.Raw("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"""));

        Assert.Empty(scalar.Tensors[0].Shape);
        Assert.Empty((await ReadAsync(SafetensorsFile.Raw("{}"))).Tensors);
    }

    [Fact]
    public void Every_type_has_a_name_and_is_known_by_it()
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            Assert.Equal(type, ElementTypes.FromSafetensors(System.Text.Encoding.UTF8.GetBytes(type.SafetensorsName())));
            Assert.True(type.Bits() is > 0 and <= 64);
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_header_that_breaks_a_rule_is_refused_with_the_reason(string json, string reason)
    {
        SafetensorsFormatException exception = await Assert.ThrowsAsync<SafetensorsFormatException>(() => ReadAsync(SafetensorsFile.Raw(json)));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("test.gguf: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_safetensors_file_is_refused()
    {
        await RefusedAsync("version https://git-lfs.github.com/spec/v1"u8.ToArray(), "does not begin as a safetensors file does");
        await RefusedAsync([1, 2, 3], "ends within its first 9 bytes");
        await RefusedAsync(SafetensorsFile.Raw(Weight, long.MaxValue), "claims a header of 9223372036854775807 bytes");
        await RefusedAsync(SafetensorsFile.Raw(Weight, -1), "claims a header of 18446744073709551615 bytes");
        await RefusedAsync(SafetensorsFile.Raw(Weight, 5000), "ends within its header");
    }

    [Fact]
    public async Task A_file_of_another_length_than_its_tensors_is_refused()
    {
        byte[] header = SafetensorsFile.Raw(Weight);

        await ReadAsync(new BytesSource([.. header, .. new byte[12]], lengthKnown: true));
        await ReadAsync(new BytesSource(header, lengthKnown: true));
        await RefusedAsync(new BytesSource([.. header, .. new byte[11]], lengthKnown: true), "it is incomplete");
        await RefusedAsync(new BytesSource([.. header, .. new byte[13]], lengthKnown: true), "but its tensors end at");
        await RefusedAsync(new BytesSource(header[..40], lengthKnown: true), "but its header ends at");
    }

    [Fact]
    public async Task Limits_are_kept()
    {
        byte[] file = SafetensorsFile.Header([("first", ElementType.F16, [2]), ("second", ElementType.F16, [2])]);

        await RefusedAsync(new BytesSource(file), "more than the 1 tensors allowed", new() { Tensors = 1 });
        await RefusedAsync(new BytesSource(file), "more than the 3 allowed", new() { NameBytes = 3 });
        await RefusedAsync(new BytesSource(file), "MiB of names and shapes", new() { KeptBytes = 100 });
        await RefusedAsync(new BytesSource(file), "claims a header of", new() { HeaderBytes = 20 });
        await RefusedAsync(
            new BytesSource(SafetensorsFile.Raw($$$"""{"__metadata__":{"a":"{{{new string('x', 200_000)}}}"}}""")), "a text of more than the 100000 bytes", new() { TextBytes = 100_000 });
    }

    [Fact]
    public async Task A_long_text_of_the_metadata_is_passed_over()
    {
        SafetensorsHeader header = await ReadAsync(SafetensorsFile.Raw($$$"""{"__metadata__":{"long":"{{{new string('x', 200_000)}}}","short":"y"}}"""));

        Assert.Equal(["short"], header.Metadata.Keys);
    }

    [Fact]
    public async Task Small_reads_give_the_same_header_as_large_ones()
    {
        byte[] file = SafetensorsFile.Header(Enumerable.Range(0, 2000).Select(i => ($"model.layers.{i}.weight", ElementType.BF16, new long[] { i, 3 })));

        SafetensorsHeader whole = await ReadAsync(new BytesSource(file));
        SafetensorsHeader pieces = await ReadAsync(new BytesSource(file, piece: 7));

        Assert.Equal(whole.Tensors.Select(tensor => (tensor.Name, tensor.Begin, tensor.End)), pieces.Tensors.Select(tensor => (tensor.Name, tensor.Begin, tensor.End)));
    }

    [Fact]
    public async Task Nothing_but_the_header_is_read()
    {
        byte[] header = SafetensorsFile.Raw(Weight);
        var source = new BytesSource([.. header, .. new byte[12]]);

        await ReadAsync(source);

        Assert.True(source.BytesRead <= header.Length + 9);
    }

    [Fact]
    public async Task A_transport_error_stays_one()
    {
        ByteRangeException exception = await Assert.ThrowsAsync<ByteRangeException>(() => ReadAsync(new FailingSource()));

        Assert.True(exception.IsTransient);
    }

    [Fact]
    public void A_files_size_is_the_sum_of_its_tensors()
    {
        Gen<(ElementType, long[])> tensor = Gen.Elements(Enum.GetValues<ElementType>())
            .SelectMany(type => Gen.Choose(0, 9).Select(size => 8L * size).ArrayOf(2), (type, shape) => (type, shape));

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(tensor.ListOf().ToArbitrary(), tensors =>
        {
            SafetensorsHeader header = ReadAsync(SafetensorsFile.Header(tensors.Select((one, index) => ($"t{index}", one.Item1, one.Item2)))).GetAwaiter().GetResult();
            return header.DataSize.Value == header.Tensors.Sum(one => one.Size.Value)
                && header.DataSize.Value == tensors.Sum(one => one.Item1.SizeOf(one.Item2[0] * one.Item2[1]).Value);
        }));
    }

    private static Task<SafetensorsHeader> ReadAsync(byte[] file) => ReadAsync(new BytesSource(file));

    private static Task<SafetensorsHeader> ReadAsync(IByteRangeSource source, SafetensorsLimits? limits = null) =>
        SafetensorsReader.ReadAsync(source, limits, TestContext.Current.CancellationToken);

    private static Task RefusedAsync(byte[] file, string reason) => RefusedAsync(new BytesSource(file), reason);

    private static async Task RefusedAsync(IByteRangeSource source, string reason, SafetensorsLimits? limits = null)
    {
        SafetensorsFormatException exception = await Assert.ThrowsAsync<SafetensorsFormatException>(() => ReadAsync(source, limits));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    private sealed class FailingSource : IByteRangeSource
    {
        public string Name => "far away";

        public long? Length => null;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            throw new ByteRangeException("far away: no answer within 10 s; try again.") { IsTransient = true };

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
