using System.Globalization;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.LlamaCpp.Quantization;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.LlamaCpp.Quantization;

/// <summary>Sizes against the "quant size" of <c>llama-quantize --dry-run --allow-requantize</c> (0.7.0, build 11669) on the sample models.</summary>
public class QuantizedHeaderTests
{
    public static TheoryData<string, string, double> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, double>();
            foreach (string line in File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "cases", "gguf-quantizations.csv")).Skip(1))
            {
                string[] fields = line.Split(',');
                cases.Add(fields[0], fields[1], double.Parse(fields[2], CultureInfo.InvariantCulture));
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_file_of_another_type_is_as_large_as_llama_quantize_says(string file, string type, double size)
    {
        GgufHeader header = QuantizedHeader.Of(await SampleFiles.ReadAsync(file + ".gguf"), Enum.Parse<GgufFileType>(type));

        Assert.Equal(size, LlamaCppModel.FromGguf(header).TotalWeightBytes.MiB, 0.0051);
    }

    [Theory]
    [InlineData("Llama-3.2-1B-Instruct-Q8_0", GgufFileType.Q8_0)]
    [InlineData("Llama-3.1-8B-Instruct-Q4_K_M", GgufFileType.Q4_K_M)]
    [InlineData("Llama-3.3-70B-Instruct-Q5_K_S", GgufFileType.Q5_K_S)]
    [InlineData("Qwen3-30B-A3B-Q4_K_M", GgufFileType.Q4_K_M)]
    public async Task The_type_that_a_file_has_gives_its_own_size(string file, GgufFileType type)
    {
        GgufHeader header = await SampleFiles.ReadAsync(file + ".gguf");

        Assert.Equal(header.Tensors.Sum(tensor => tensor.Size), QuantizedHeader.Of(header, type).Tensors.Sum(tensor => tensor.Size));
    }

    [Fact]
    public async Task Rows_of_no_whole_block_take_another_type()
    {
        // llama-quantize --dry-run of a model with 896-element rows (Qwen2.5 0.5B): 64 of 128 elements are no block of 256.
        var writer = new GgufWriter();
        writer.Add("general.architecture", "llama");
        writer.Add("llama.block_count", 1u);
        writer.AddTensor("token_embd.weight", GgmlType.F16, 896, 4);
        writer.AddTensor("blk.0.attn_q.weight", GgmlType.F16, 896, 4);
        writer.AddTensor("blk.0.ffn_up.weight", GgmlType.F16, 40, 4);
        writer.AddTensor("blk.0.attn_norm.weight", GgmlType.F32, 896);
        GgufHeader header = await GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), cancellationToken: TestContext.Current.CancellationToken);

        IEnumerable<GgmlType> Types(GgufFileType type) => QuantizedHeader.Of(header, type).Tensors.Select(tensor => tensor.Type);

        Assert.Equal([GgmlType.Q8_0, GgmlType.Q5_0, GgmlType.F16, GgmlType.F32], Types(GgufFileType.Q4_K_M));
        Assert.Equal([GgmlType.Q8_0, GgmlType.IQ4_NL, GgmlType.F16, GgmlType.F32], Types(GgufFileType.IQ4_XS));
        Assert.Equal([GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.F16, GgmlType.F32], Types(GgufFileType.Q2_K));
        Assert.Equal([GgmlType.Q8_0, GgmlType.Q8_0, GgmlType.F16, GgmlType.F32], Types(GgufFileType.Q6_K));
    }
}
