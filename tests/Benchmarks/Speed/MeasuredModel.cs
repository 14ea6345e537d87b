using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Benchmarks.Speed;

/// <summary>The models that were measured, by their hyper-parameters and the sizes of their published files.</summary>
internal static class MeasuredModel
{
    private const double BytesOfQ4K = 144.0 / 256;
    private const double BytesOfQ6K = 210.0 / 256;

    private static readonly LlamaCppModel s_8b = Dense("llama-3.1-8b-q4_k_m", 32, 4096, 14_336, 32, 128_256, 4_920_734_272);
    private static readonly LlamaCppModel s_32b = Dense("qwen2.5-32b-q4_k_m", 64, 5120, 27_648, 40, 152_064, 19_851_335_840);

    /// <exception cref="IOException">There is no such model.</exception>
    public static LlamaCppModel Of(string name) =>
        name == s_8b.Name ? s_8b
        : name == s_32b.Name ? s_32b
        : throw new IOException($"The model '{name}' is unknown; the rows are of {s_8b.Name} and {s_32b.Name}.");

    /// <summary>Q4_K_M: embeddings of Q4_K stay on the host, the output is of Q6_K, and the blocks have what is left.</summary>
    private static LlamaCppModel Dense(string name, int blocks, int embedding, int feedForward, int heads, int vocabulary, long size)
    {
        long input = (long)((long)embedding * vocabulary * BytesOfQ4K);
        long output = (long)((long)embedding * vocabulary * BytesOfQ6K);
        long block = (size - input - output) / blocks;
        long parameters = (2L * embedding * embedding) + (2L * embedding * 8 * 128) + (3L * embedding * feedForward);
        return new LlamaCppModel
        {
            Name = name,
            Architecture = "llama",
            BlockCount = blocks,
            ParameterCount = (blocks * parameters) + (2L * embedding * vocabulary),
            TotalWeightBytes = new Bytes(size),
            LayerWeights = [.. ImmutableArray.CreateRange(Enumerable.Repeat(block, blocks)), output],
            InputWeights = new Bytes(input),
            LayerKinds = [.. Enumerable.Repeat(LayerKind.Full, blocks)],
            KeyValueHeads = [.. Enumerable.Repeat(8, blocks)],
            HeadCount = heads,
            KeyLength = 128,
            ValueLength = 128,
            EmbeddingLength = embedding,
            FeedForwardLength = feedForward,
            VocabularySize = vocabulary,
        };
    }
}
