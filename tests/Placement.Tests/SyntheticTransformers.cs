using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests;

/// <summary>Models of safetensors by their hyper-parameters: decoders in bfloat16 with gated feed-forward layers and no biases.</summary>
internal static class SyntheticTransformers
{
    /// <summary>Llama 3.1 8B: 15 GiB.</summary>
    public static ServedModel Llama8B { get; } = Decoder("Llama-3.1-8B", 32, 4096, 32, 8, 128, 14336, 128_256);

    /// <summary>Llama 3.1 70B: 131 GiB.</summary>
    public static ServedModel Llama70B { get; } = Decoder("Llama-3.1-70B", 80, 8192, 64, 8, 128, 28672, 128_256);

    /// <summary>Sizes that divide by 3 as well as by 2, and small enough for random fleets: 11.5 GiB.</summary>
    public static ServedModel Thirds { get; } = Decoder("thirds", 54, 3072, 24, 6, 128, 9216, 32_064);

    /// <summary>Eight key and value heads, so that three ranks cannot share it: 11.9 GiB.</summary>
    public static ServedModel Halves { get; } = Decoder("halves", 28, 4096, 32, 8, 128, 14336, 32_000);

    public static VllmLaunch Vllm(ServedModel served, long context = 8192, int requests = 1) => new(
        served, new VllmOptions { GpuMemory = default, MaxModelLength = new Tokens(context) }, new ServingDemand(new Tokens(context), requests));

    public static SglangLaunch Sglang(ServedModel served, long context = 8192, int requests = 1) => new(
        served, new SglangOptions { GpuMemory = default, ContextLength = new Tokens(context) }, new ServingDemand(new Tokens(context), requests));

    public static ServedModel Decoder(
        string name, int layers, int hidden, int heads, int keyValueHeads, int headLength, int inner, int vocabulary)
    {
        var parts = new List<WeightPart> { Part(WeightPart.Inputs, WeightSharding.Vocabulary, (long)vocabulary * hidden) };
        for (var layer = 0; layer < layers; layer++)
        {
            parts.Add(Part(layer, WeightSharding.Split, (2L * hidden * heads * headLength) + (3L * hidden * inner)));
            parts.Add(Part(layer, WeightSharding.KeyValueHeads, 2L * hidden * keyValueHeads * headLength));
            parts.Add(Part(layer, WeightSharding.Replicated, 2L * hidden));
        }

        parts.Add(Part(WeightPart.Outputs, WeightSharding.Replicated, hidden));
        parts.Add(Part(WeightPart.Outputs, WeightSharding.Vocabulary, (long)vocabulary * hidden));
        return ServedModel.Of(new TransformerModel
        {
            Name = name,
            Architecture = "LlamaForCausalLM",
            ModelType = "llama",
            ContextLength = new Tokens(131_072),
            HiddenSize = hidden,
            VocabularySize = vocabulary,
            HeadCount = heads,
            IntermediateSize = inner,
            Layers = [.. Enumerable.Repeat(new TransformerLayer(TransformerLayerKind.Full, keyValueHeads, headLength, headLength), layers)],
            DataType = ElementType.BF16,
            Weights = [.. parts],
        });
    }

    private static WeightPart Part(int layer, WeightSharding sharding, long elements) => new(layer, sharding, elements, new Bytes(2 * elements));
}
