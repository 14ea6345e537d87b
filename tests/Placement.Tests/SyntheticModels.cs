using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests;

/// <summary>Models by their hyper-parameters, with bytes per parameter instead of real tensors.</summary>
internal static class SyntheticModels
{
    /// <summary>Llama-3.3-70B at 5.5 bits per weight: 47 GB.</summary>
    public static LlamaCppModel Llama70B { get; } = Dense("Llama-3.3-70B", 80, 8192, 28672, 64, 8, 128, 128_256, 0.6875);

    /// <summary>Llama-3.3-70B at 6.6 bits per weight: 58 GB.</summary>
    public static LlamaCppModel Llama70BSixBits { get; } = Dense("Llama-3.3-70B", 80, 8192, 28672, 64, 8, 128, 128_256, 0.825);

    /// <summary>Llama-3.1-8B at 4.85 bits per weight: 4.9 GB.</summary>
    public static LlamaCppModel Llama8B { get; } = Dense("Llama-3.1-8B", 32, 4096, 14336, 32, 8, 128, 128_256, 0.606);

    /// <summary>Qwen2.5-32B Q4_K_M: 19.85 GB.</summary>
    public static LlamaCppModel Qwen32B { get; } = Dense("Qwen2.5-32B", 64, 5120, 27648, 40, 8, 128, 152_064, 0.606);

    /// <summary>Llama-3.1-405B at 8.5 bits per weight: 430 GB.</summary>
    public static LlamaCppModel Llama405B { get; } = Dense("Llama-3.1-405B", 126, 16_384, 53_248, 128, 8, 128, 128_256, 1.0625);

    /// <summary>DeepSeek-R1 at 2.06 bits per weight: about 174 GB, three dense blocks, then 256 experts of which 8 are used.</summary>
    public static LlamaCppModel DeepSeekR1 { get; } = DeepSeek(0.2575);

    /// <summary>DeepSeek-R1 at 16 bits per weight: about 1.35 TB.</summary>
    public static LlamaCppModel DeepSeekR1SixteenBits { get; } = DeepSeek(2);

    public static LlamaCppModel Dense(
        string name, int blocks, int embedding, int feedForward, int heads, int kvHeads, int headLength, int vocabulary, double bytesPerWeight)
    {
        var attention = (2L * embedding * heads * headLength) + (2L * embedding * kvHeads * headLength);
        var block = (long)((attention + (3L * embedding * feedForward)) * bytesPerWeight);
        var output = (long)((long)embedding * vocabulary * bytesPerWeight);
        return new LlamaCppModel
        {
            Name = name,
            Architecture = "llama",
            BlockCount = blocks,
            ContextLength = new Tokens(131_072),
            ParameterCount = (blocks * (attention + (3L * embedding * feedForward))) + (2L * embedding * vocabulary),
            TotalWeightBytes = new Bytes((block * blocks) + (2 * output)),
            LayerWeights = [.. Enumerable.Repeat(block, blocks), output],
            InputWeights = new Bytes(output),
            LayerKinds = [.. Enumerable.Repeat(LayerKind.Full, blocks)],
            KeyValueHeads = [.. Enumerable.Repeat(kvHeads, blocks)],
            HeadCount = heads,
            KeyLength = headLength,
            ValueLength = headLength,
            EmbeddingLength = embedding,
            FeedForwardLength = feedForward,
            VocabularySize = vocabulary,
        };
    }

    public static LlamaCppLaunch Launch(LlamaCppModel model, long context) => new(model, new LlamaCppOptions { ContextLength = new Tokens(context) });

    private static LlamaCppModel DeepSeek(double bytesPerWeight)
    {
        const int Blocks = 61, Embedding = 7168, Expert = 2048, Experts = 256, Vocabulary = 129_280;
        const long Attention = (Embedding * 1536L) + (1536L * 128 * 192) + (Embedding * 576L) + (512L * 128 * 256) + (128L * 128 * Embedding);
        const long DenseBlock = Attention + (3L * Embedding * 18_432);
        const long ExpertBlock = Attention + (3L * Embedding * Expert * (Experts + 1));
        const long Output = (long)(Embedding * (long)Vocabulary * 0.5);
        ImmutableArray<long> layers =
            [.. Enumerable.Range(0, Blocks).Select(i => (long)((i < 3 ? DenseBlock : ExpertBlock) * bytesPerWeight)), Output];
        return new LlamaCppModel
        {
            Name = "DeepSeek-R1",
            Architecture = "deepseek2",
            BlockCount = Blocks,
            ContextLength = new Tokens(163_840),
            ParameterCount = (3 * DenseBlock) + (58 * ExpertBlock) + (2L * Embedding * Vocabulary),
            TotalWeightBytes = new Bytes(layers.Sum() + Output),
            LayerWeights = layers,
            InputWeights = new Bytes(Output),
            LayerKinds = [.. Enumerable.Repeat(LayerKind.Full, Blocks)],
            KeyValueHeads = [.. Enumerable.Repeat(1, Blocks)],
            HeadCount = 128,
            KeyLength = 576,
            ValueLength = 512,
            EmbeddingLength = Embedding,
            FeedForwardLength = 18_432,
            ExpertFeedForwardLength = Expert,
            ExpertCount = Experts,
            ExpertUsedCount = 8,
            VocabularySize = Vocabulary,
            LatentAttention = new LatentAttention(512, 64, 192, 128),
        };
    }
}
