using System.Globalization;
using System.Security.Cryptography;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.Tests.Gguf.Fuzzing;

/// <summary>
/// The corpus in <c>cases/fuzz/gguf</c>, and inputs made of it with a fixed seed. A longer run: set <c>GGUF_FUZZ_INPUTS</c> (and
/// <c>GGUF_FUZZ_SEED</c>) and run these tests; an input that fails is written to the temporary directory, and belongs into the corpus.
/// </summary>
public class GgufFuzzTests
{
    private const int Inputs = 20_000;
    private const int Seed = 20_240_817;

    private static readonly string Corpus = Path.Combine(AppContext.BaseDirectory, "cases", "fuzz", "gguf");

    [Fact]
    public void Every_input_of_the_corpus_is_handled_from_every_kind_of_source()
    {
        string[] files = Directory.GetFiles(Corpus);

        Assert.True(files.Length >= 60, $"{Corpus} has {files.Length} files");
        Assert.All(files, file =>
        {
            byte[] bytes = File.ReadAllBytes(file);
            Assert.Null(GgufFuzzTarget.Failure(bytes));
            Assert.Null(GgufFuzzTarget.Failure(bytes, new(Piece: 1, LengthKnown: false)));
            Assert.Null(GgufFuzzTarget.Failure(bytes, new(Piece: 0, LengthKnown: true)));
        });
    }

    [Fact]
    public void Inputs_made_of_the_corpus_are_handled()
    {
        GgufMutator mutator = Mutator();
        int inputs = Number("GGUF_FUZZ_INPUTS", Inputs);
        int estimates = 0;
        for (int input = 0; input < inputs; input++)
        {
            byte[] bytes = mutator.Next();
            string? failure = GgufFuzzTarget.Failure(bytes, new(Piece: 0, LengthKnown: input % 2 == 0), out bool estimated);
            estimates += estimated ? 1 : 0;
            if (failure is not null)
            {
                string file = Path.Combine(Path.GetTempPath(), $"gguf-{Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]}.bin");
                File.WriteAllBytes(file, bytes);
                Assert.Fail($"{file}: {failure}");
            }
        }

        // A fuzzer whose inputs all end at the first field tests nothing.
        Assert.InRange(estimates, inputs / 100, inputs / 2);
    }

    [Fact]
    public async Task Split_models_made_of_the_corpus_are_handled()
    {
        GgufMutator mutator = Mutator();
        for (int input = Number("GGUF_FUZZ_INPUTS", Inputs) / 20; input > 0; input--)
        {
            FilesInMemory files = new SplitModel(3).Write();
            files[SplitModel.Name(input % 3, 3)] = mutator.Next(files[SplitModel.Name(input % 3, 3)], changes: 1);

            // Either all is joined, or one sentence says why not; anything else would end the test.
            Exception? refusal = await Record.ExceptionAsync(() => files.ReadAsync(SplitModel.Name(0, 3)));

            Assert.True(refusal is null or GgufFormatException, refusal?.ToString());
            Assert.Equal(0, files.Open);
        }
    }

    private static GgufMutator Mutator()
    {
        byte[][] corpus = [.. Directory.GetFiles(Corpus).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        byte[][] models = [.. corpus.Where(bytes => GgufFuzzTarget.Failure(bytes, default, out bool estimated) is null && estimated)];
        return new GgufMutator(corpus, models, Number("GGUF_FUZZ_SEED", Seed));
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
