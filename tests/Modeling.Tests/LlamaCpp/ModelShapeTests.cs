using GpuStack.Golden.Shapes;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.Tests.LlamaCpp;

/// <summary>Shape files: what expressions mean, and that an error in one is told.</summary>
public class ModelShapeTests
{
    [Theory]
    [InlineData("2+3*4", 14)]
    [InlineData("(2+3)*4", 20)]
    [InlineData("E/H", 128)]
    [InlineData("E, V", null)]
    [InlineData("10-4-3", 3)]
    [InlineData("i%4==3", 1)]
    [InlineData("i%4!=3 && i<100", 0)]
    [InlineData("!(i==7) || i>=7", 1)]
    [InlineData("(i%4==3)*E", 4096)]
    [InlineData("7/0", null)]
    [InlineData("E*", null)]
    [InlineData("(E", null)]
    [InlineData("Q", null)]
    [InlineData("99999999999999999999", null)]
    public void An_expression_has_the_value_of_its_terms_or_is_refused(string text, int? expected)
    {
        if (expected is null)
        {
            Assert.Throws<FormatException>(() => ShapeExpression.Evaluate(text, SizeOf));
        }
        else
        {
            Assert.Equal(expected.Value, ShapeExpression.Evaluate(text, SizeOf));
        }

        static long SizeOf(string name) => name switch { "E" => 4096, "H" => 32, "i" => 7, _ => throw new FormatException(name) };
    }

    [Theory]
    [InlineData("E, Z", "the size 'Z'")]
    [InlineData("E, V : Q9_9", "Q9_9")]
    [InlineData("E+1, V : Q4_K", "Q4_K")]
    public void An_error_in_a_shape_names_the_model_and_what_is_wrong(string embedding, string part)
    {
        FormatException error = Assert.Throws<FormatException>(() => ShapeHeader.Make(Shape(embedding), vocabulary: false));

        Assert.Contains("tiny", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_with_a_vocabulary_has_a_token_for_every_row_of_the_embedding()
    {
        (byte[] header, long size) = ShapeHeader.Make(Shape("E, V"), vocabulary: true);
        GgufHeader read = await GgufReader.ReadAsync(new BytesSource(header), cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(read.Metadata.TryGet("tokenizer.ggml.tokens", out GgufValue? tokens));
        Assert.Equal(512, tokens.Count);
        Assert.True(size > header.Length);
    }

    private static ModelShape Shape(string embedding) => new()
    {
        Name = "tiny",
        Architecture = "llama",
        FileType = "Q4_K_M",
        Sizes = new() { ["L"] = 1, ["E"] = 256, ["V"] = 512 },
        Metadata = [],
        Tensors = new() { ["token_embd.weight"] = embedding },
        Blocks = [],
    };
}
