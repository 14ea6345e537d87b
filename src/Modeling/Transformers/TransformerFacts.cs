using System.Collections.Immutable;
using GpuStack.Modeling.Transformers.Configuration;
using GpuStack.Modeling.Transformers.Quantization;
using GpuStack.Modeling.Transformers.Weights;

namespace GpuStack.Modeling.Transformers;

/// <summary>All that a configuration says; a model is that and its weights.</summary>
internal sealed record TransformerFacts
{
    public required TextConfig Config { get; init; }

    public required QuantizationScheme Quantization { get; init; }

    public required LayerFacts Layers { get; init; }

    public required Tokens Context { get; init; }

    public required ElementType DataType { get; init; }

    public static TransformerFacts Read(ConfigNode root, ConfigNode? quantization)
    {
        TextConfig config = TextConfig.Read(root);
        Tokens context = ContextLength.Of(config);
        return new TransformerFacts
        {
            Config = config,
            Quantization = QuantizationScheme.Read(config, quantization),
            Layers = LayerFacts.Of(config, context),
            Context = context,
            DataType = ReadDataType(root, config.Node),
        };
    }

    public WeightSums CreateSums() => new(Config, Layers.Layers, DataType, Quantization.Bits);

    public TransformerModel ToModel(string name, ImmutableArray<WeightPart> weights)
    {
        bool mixtureOnly = Config.Experts > 0 && !Config.Node.Has("intermediate_size");
        return new TransformerModel
        {
            Name = name,
            Architecture = Config.Architecture,
            ModelType = Config.ModelType,
            ContextLength = Context,
            HiddenSize = Config.Hidden,
            VocabularySize = Config.Vocabulary,
            HeadCount = Config.Heads,
            IntermediateSize = mixtureOnly ? Config.ExpertIntermediate : Config.Intermediate,
            ExpertCount = Config.Experts,
            ExpertsPerToken = Config.ExpertsPerToken,
            ExpertIntermediateSize = Config.Experts > 0 ? Config.ExpertIntermediate : 0,
            Layers = Layers.Layers,
            SlidingWindow = Layers.Window,
            LatentAttention = Layers.Latent,
            Recurrent = Layers.Recurrent,
            TiedEmbeddings = Config.Tied,
            DataType = DataType,
            Quantization = Quantization.Method,
            QuantizationBits = Quantization.Bits,
            KvCacheType = Quantization.KvCacheType,
            Weights = weights,
        };
    }

    /// <summary>The stated type; engines compute in 16 bits where it is 32, or where nothing is stated.</summary>
    private static ElementType ReadDataType(ConfigNode root, ConfigNode node) =>
        ElementTypes.FromTorch(root.Text("torch_dtype", "dtype") ?? node.Text("torch_dtype", "dtype")) == ElementType.F16 ? ElementType.F16 : ElementType.BF16;
}
