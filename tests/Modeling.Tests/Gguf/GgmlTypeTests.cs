using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.Tests.Gguf;

public class GgmlTypeTests
{
    /// <summary>Of ggml's headers <c>ggml.h</c> (numbers) and <c>ggml-common.h</c> (blocks), August 2026, the last type being Q2_0.</summary>
    private static readonly (string Name, uint Number, int Elements, int Bytes)[] Types =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "cases", "ggml-types.csv")).Skip(1).Select(line => line.Split(',')).Select(cells =>
            (cells[0], uint.Parse(cells[1], CultureInfo.InvariantCulture), int.Parse(cells[2], CultureInfo.InvariantCulture), int.Parse(cells[3], CultureInfo.InvariantCulture))),
    ];

    private static readonly Dictionary<uint, string> Retired = new()
    {
        [4] = "Q4_2",
        [5] = "Q4_3",
        [31] = "Q4_0_4_4",
        [32] = "Q4_0_4_8",
        [33] = "Q4_0_8_8",
        [36] = "IQ4_NL_4_4",
        [37] = "IQ4_NL_4_8",
        [38] = "IQ4_NL_8_8",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_type_of_ggml_is_read_with_its_size()
    {
        foreach ((string name, uint number, int elements, int bytes) in Types)
        {
            byte[] header = RawHeader.Start(1, 0).Tensor("t", [3 * (ulong)elements, 5], number, 0).ToArray();

            GgufTensor tensor = Assert.Single((await GgufReader.ReadAsync(new BytesSource(header), cancellationToken: Token)).Tensors);

            Assert.Equal((name, 15L * bytes), (tensor.Type.ToString(), tensor.Size));
        }

        Assert.Equal(Types.Select(type => type.Name).Order(StringComparer.Ordinal), Enum.GetNames<GgmlType>().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_other_number_is_refused_by_tensor_and_number_and_by_name_if_it_had_one()
    {
        foreach (uint number in Enumerable.Range(0, 300).Select(number => (uint)number).Append(uint.MaxValue).Except(Types.Select(type => type.Number)))
        {
            byte[] header = RawHeader.Start(1, 0).Tensor("blk.0.attn_q.weight", [256], number, 0).ToArray();

            var exception = await Assert.ThrowsAsync<GgufFormatException>(() => GgufReader.ReadAsync(new BytesSource(header), cancellationToken: Token));

            string expected = Retired.TryGetValue(number, out string? name)
                ? $"tensor 'blk.0.attn_q.weight' is of type {number}, the retired {name}; quantize the model again, as {(name.StartsWith("IQ4", StringComparison.Ordinal) ? "IQ4_NL" : name == "Q4_3" ? "Q4_1" : "Q4_0")}."
                : $"tensor 'blk.0.attn_q.weight' is of the unknown type {number}; the file is damaged, newer than this program, or made by a fork of llama.cpp.";
            Assert.Equal("test.gguf: " + expected, exception.Message);
        }
    }

    [Fact]
    public void The_size_of_a_file_is_its_header_and_the_sum_of_its_tensors()
    {
        var tensor = Gen.Elements(Types).SelectMany(
            _ => Gen.Choose(1, 40).NonEmptyListOf().Select(list => list.Take(4).ToArray()),
            (type, shape) => (Type: (GgmlType)type.Number, Layout: (type.Elements, type.Bytes), Shape: shape));
        var file = tensor.ListOf().SelectMany(_ => Gen.Elements(1, 8, 32, 4096), (tensors, alignment) => (Tensors: tensors, Alignment: alignment));

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(file.ToArbitrary(), sample =>
        {
            var writer = new GgufWriter { Alignment = sample.Alignment };
            writer.Add("general.alignment", (uint)sample.Alignment);
            long data = 0, plain = 0;
            foreach (var (index, (type, (elements, bytes), shape)) in sample.Tensors.Index())
            {
                writer.AddTensor($"t{index}", type, [.. shape.Select((length, dimension) => dimension == 0 ? (long)length * elements : length)]);
                long size = bytes * shape.Aggregate(1L, (product, length) => product * length);
                plain += size;
                data += size + ((sample.Alignment - (size % sample.Alignment)) % sample.Alignment);
            }

            byte[] bytesOfHeader = writer.ToHeader();
            GgufHeader header = GgufReader.ReadAsync(new BytesSource(bytesOfHeader), cancellationToken: Token).GetAwaiter().GetResult();

            Assert.Equal(plain, header.Tensors.Sum(each => each.Size));
            Assert.Equal(bytesOfHeader.Length + data, header.FileSize);
            Assert.Equal(data, writer.DataBytes);
        }));
    }
}
