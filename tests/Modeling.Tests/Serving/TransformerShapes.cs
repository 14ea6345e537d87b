using System.Collections.Immutable;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Serving;

/// <summary>Models built by hand: decoders of the given shape, in bfloat16, with gated feed-forward layers and no biases.</summary>
internal static class TransformerShapes
{
    /// <summary>Llama 3.1 8B: 8,030,261,248 parameters.</summary>
    public static TransformerModel Llama8B { get; } = Decoder("Llama-3.1-8B", 32, 4096, 32, 8, 128, 14336, 128256, 131072);

    /// <summary>Gemma 3 27B's text model: five windows of 1024 tokens for each layer of full attention, tied embeddings.</summary>
    public static TransformerModel Gemma27B { get; } = Windowed(
        Decoder("gemma-3-27b", 62, 5376, 32, 16, 128, 21504, 262208, 131072, tied: true), layer => layer % 6 != 5, 1024);

    /// <summary>gpt-oss-20b's attention: every other layer has a window of 128 tokens.</summary>
    public static TransformerModel HalfWindowed { get; } = Windowed(
        Decoder("half-windowed", 24, 2880, 64, 8, 64, 2880, 201088, 131072), layer => layer % 2 == 0, 128);

    /// <summary>Qwen3-Next's pattern: three recurrent layers for each of attention.</summary>
    public static TransformerModel MostlyRecurrent { get; } = Recurrent(
        Decoder("mostly-recurrent", 48, 2048, 16, 2, 256, 5120, 151936, 262144), layer => layer % 4 != 3, new(3 * 8192, 32 * 128 * 128));

    /// <summary>Latent attention in the shape of DeepSeek V2 Lite.</summary>
    public static TransformerModel Latent { get; } = Decoder("latent", 27, 2048, 16, 16, 128, 10944, 102400, 163840) with
    {
        LatentAttention = new(512, 64, KeyLength: 128, ValueLength: 128),
        Layers = [.. Enumerable.Repeat(new TransformerLayer(TransformerLayerKind.Full, 1, 576, 0), 27)],
    };

    /// <summary>A mixture of 128 experts, 8 of them for each token.</summary>
    public static TransformerModel Mixture { get; } = Experts(Decoder("mixture", 48, 2048, 32, 4, 128, 768, 151936, 40960), 128, 8, 768);

    public static ImmutableArray<TransformerModel> All { get; } = [Llama8B, Gemma27B, HalfWindowed, MostlyRecurrent, Latent, Mixture];

    private static TransformerModel Decoder(
        string name, int layers, int hidden, int heads, int keyValueHeads, int headLength, int inner, int vocabulary, long context, bool tied = false)
    {
        var parts = new List<WeightPart> { Part(WeightPart.Inputs, WeightSharding.Vocabulary, (long)vocabulary * hidden) };
        for (int layer = 0; layer < layers; layer++)
        {
            parts.Add(Part(layer, WeightSharding.Split, (2L * hidden * heads * headLength) + (3L * hidden * inner)));
            parts.Add(Part(layer, WeightSharding.KeyValueHeads, 2L * hidden * keyValueHeads * headLength));
            parts.Add(Part(layer, WeightSharding.Replicated, 2L * hidden));
        }

        parts.Add(Part(WeightPart.Outputs, WeightSharding.Replicated, hidden));
        if (!tied)
        {
            parts.Add(Part(WeightPart.Outputs, WeightSharding.Vocabulary, (long)vocabulary * hidden));
        }

        return new TransformerModel
        {
            Name = name,
            Architecture = "LlamaForCausalLM",
            ModelType = "llama",
            ContextLength = new(context),
            HiddenSize = hidden,
            VocabularySize = vocabulary,
            HeadCount = heads,
            IntermediateSize = inner,
            Layers = [.. Enumerable.Repeat(new TransformerLayer(TransformerLayerKind.Full, keyValueHeads, headLength, headLength), layers)],
            TiedEmbeddings = tied,
            DataType = ElementType.BF16,
            Weights = [.. parts],
        };
    }

    private static TransformerModel Windowed(TransformerModel model, Func<int, bool> windowed, long window) => model with
    {
        SlidingWindow = new(window),
        Layers = [.. model.Layers.Select((layer, i) => windowed(i) ? layer with { Kind = TransformerLayerKind.SlidingWindow } : layer)],
    };

    private static TransformerModel Recurrent(TransformerModel model, Func<int, bool> recurrent, RecurrentShape shape) => model with
    {
        Recurrent = shape,
        Layers = [.. model.Layers.Select((layer, i) => recurrent(i) ? new TransformerLayer(TransformerLayerKind.Recurrent, 0, 0, 0) : layer)],
    };

    private static TransformerModel Experts(TransformerModel model, int count, int used, int inner) => model with
    {
        ExpertCount = count,
        ExpertsPerToken = used,
        ExpertIntermediateSize = inner,
        Weights =
        [
            .. model.Weights,
            .. Enumerable.Range(0, model.Layers.Length).Select(
                layer => Part(layer, WeightSharding.Experts, 3L * model.HiddenSize * inner * count)),
        ],
    };

    private static WeightPart Part(int layer, WeightSharding sharding, long elements) => new(layer, sharding, elements, new(2 * elements));
}
