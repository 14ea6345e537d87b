using System.Collections.Immutable;
using System.Text.Json;
using GpuStack.Modeling.Transformers.Checkpoints;
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

    /// <summary>Reads a configuration.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="config">Its content.</param>
    /// <param name="mistral">Whether it is a <c>params.json</c>.</param>
    /// <param name="quantization">The content of <c>hf_quant_config.json</c>, where there is one.</param>
    /// <exception cref="TransformerFormatException">It is no configuration of a language model.</exception>
    public static TransformerFacts Read(string file, ReadOnlyMemory<byte> config, bool mistral, ReadOnlyMemory<byte>? quantization)
    {
        JsonElement element = ConfigText.Parse(file, config);
        JsonElement? separate = quantization is { IsEmpty: false } bytes ? ConfigText.Parse(file, bytes) : null;
        return Guarded(file, () => Read(
            new ConfigNode(file, mistral ? ConfigText.Parse(file, MistralParams.ToConfig(element)) : element), separate is { } found ? new ConfigNode(file, found) : null));
    }

    /// <summary>Writes the tensors that the configuration implies; false when they are an upper bound.</summary>
    public bool WriteTensors(Action<CheckpointTensor> sink) =>
        Guarded(Config.Node.File, () => CheckpointTensors.Write(new CheckpointBuilder(Config, Quantization, DataType, sink)));

    private static TransformerFacts Read(ConfigNode root, ConfigNode? quantization)
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

    /// <summary>Texts that are no valid Unicode are only found when they are asked for.</summary>
    private static T Guarded<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw new TransformerFormatException(file, "holds text that is no valid Unicode", "download it again");
        }
        catch (OverflowException)
        {
            throw new TransformerFormatException(file, "states sizes that no model has", "the file is damaged or not a model's configuration");
        }
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
