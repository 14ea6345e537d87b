using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Transformers;

/// <summary>Whatever the bytes are, reading them ends in a model or in the documented exception, in bounded memory.</summary>
public class TransformerFuzzTests
{
    private const int MutationsPerFile = 120;

    /// <summary>Bytes that one reading may allocate in all, most of them short-lived: a thousand times the largest file of the corpus.</summary>
    private const long Bound = 24 << 20;

    private static readonly byte[] Config =
        """{"model_type":"llama","hidden_size":64,"num_hidden_layers":4,"num_attention_heads":4,"vocab_size":100,"num_experts":4}"""u8.ToArray();

    /// <summary>Pieces of text that a hostile file would hold.</summary>
    private static readonly byte[][] Dictionary =
    [
        "-1"u8.ToArray(), "0"u8.ToArray(), "1e999"u8.ToArray(), "9223372036854775807"u8.ToArray(), "1024"u8.ToArray(), "16777216"u8.ToArray(), "null"u8.ToArray(), "[]"u8.ToArray(),
        "{}"u8.ToArray(), "\"\\ud800\""u8.ToArray(), "\"text\""u8.ToArray(), "Infinity"u8.ToArray(), "[[[[[["u8.ToArray(), "\""u8.ToArray(), ","u8.ToArray(), "}"u8.ToArray(),
        "true"u8.ToArray(), [0xFF], [0], "[1,2,3,4,5,6,7,8,9]"u8.ToArray(), "\"re:(a*)*b\""u8.ToArray(), "0.5"u8.ToArray(),
    ];

    public static TheoryData<string> Corpus(string kind) =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "cases", "fuzz", kind)).Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Corpus), "config")]
    public void Mutated_configurations_never_do_worse_than_a_format_exception(string file) => Fuzz("config", file, bytes =>
    {
        try
        {
            TransformerModel model = TransformerModelReader.FromConfig("x", bytes);
            Assert.True(model.WeightSize.Value > 0 && model.Layers.Length > 0);
        }
        catch (TransformerFormatException)
        {
            // The expected end.
        }
    });

    [Theory]
    [MemberData(nameof(Corpus), "safetensors")]
    public void Mutated_headers_never_do_worse_than_a_format_exception(string file) => Fuzz("safetensors", file, bytes =>
    {
        try
        {
            // The sources answer at once, so the task is complete when it is returned.
            Task<TransformerModel> reading = TransformerModelReader.ReadAsync(
                new MemoryFolder { ["config.json"] = Config, ["model.safetensors"] = bytes }, cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(reading.IsCompleted);
            Assert.True(reading.GetAwaiter().GetResult().WeightSize.Value > 0);
        }
        catch (Exception exception) when (exception is SafetensorsFormatException or TransformerFormatException)
        {
            // The expected end.
        }
    });

    [Fact]
    public void Random_bytes_never_do_worse_than_a_format_exception()
    {
        Gen<byte[]> bytes = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();

        Check.One(Tests(300), Prop.ForAll(bytes.ToArbitrary(), tail =>
        {
            Assert.Throws<TransformerFormatException>(() => TransformerModelReader.FromConfig("x", tail));
            Assert.ThrowsAny<SafetensorsFormatException>(
                () => SafetensorsReader.ReadAsync(new BytesSource([.. tail.Take(4), 0, 0, 0, 0, (byte)'{', .. tail.Skip(4)]), cancellationToken: TestContext.Current.CancellationToken)
                    .GetAwaiter().GetResult());
        }));
    }

    private static FsCheck.Config Tests(int tests) => FsCheck.Config.QuickThrowOnFailure.WithMaxTest(tests);

    private static void Fuzz(string kind, string file, Action<byte[]> read)
    {
        byte[] sample = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "cases", "fuzz", kind, file));
        Bounded(sample, read);
        Gen<(int Position, int Length, int Word)> mutation = Gen.Choose(0, Math.Max(0, sample.Length - 1))
            .SelectMany(_ => Gen.Choose(0, 6), (position, length) => (position, length))
            .SelectMany(_ => Gen.Choose(0, Dictionary.Length - 1), (one, word) => (one.position, one.length, word));

        Check.One(Tests(MutationsPerFile), Prop.ForAll(mutation.NonEmptyListOf().ToArbitrary(), mutations =>
        {
            List<byte> mutated = [.. sample];
            foreach ((int position, int length, int word) in mutations)
            {
                int at = Math.Min(position, mutated.Count);
                mutated.RemoveRange(at, Math.Min(length, mutated.Count - at));
                mutated.InsertRange(at, Dictionary[word]);
            }

            Bounded([.. mutated], read);
        }));
    }

    private static void Bounded(byte[] bytes, Action<byte[]> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        read(bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bound);
    }
}
