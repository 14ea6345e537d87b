using System.Collections.Immutable;

namespace GpuStack.Modeling.Transformers;

/// <summary>
/// The facts of a Hugging Face model that the memory of vLLM and SGLang depends on: read from <c>config.json</c> and the headers
/// of its safetensors files (or computed from the configuration where there are none). Small, immutable, independent of the files.
/// </summary>
public sealed record TransformerModel
{
    /// <summary>The model's name: its repository or folder.</summary>
    public required string Name { get; init; }

    /// <summary>The class that serves it (<c>architectures[0]</c>, such as <c>LlamaForCausalLM</c>).</summary>
    public required string Architecture { get; init; }

    /// <summary>The kind of the text model (<c>model_type</c>, such as <c>llama</c>).</summary>
    public required string ModelType { get; init; }

    /// <summary>The context the model was made for, in tokens (<c>max_position_embeddings</c> after rope scaling, as vLLM derives it).</summary>
    public required Tokens ContextLength { get; init; }

    /// <summary>Elements of a hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Rows of the token embedding, unpadded.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Feed-forward length of a dense layer; of all shared experts in a mixture without dense layers.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Experts of a mixture; 0 for a dense model.</summary>
    public int ExpertCount { get; init; }

    /// <summary>Experts used per token.</summary>
    public int ExpertsPerToken { get; init; }

    /// <summary>Feed-forward length of one expert.</summary>
    public int ExpertIntermediateSize { get; init; }

    /// <summary>What each layer caches; its length is the number of layers.</summary>
    public required ImmutableArray<TransformerLayer> Layers { get; init; }

    /// <summary>The window (or chunk) of sliding-window layers; 0 without them.</summary>
    public Tokens SlidingWindow { get; init; }

    /// <summary>Multi-head latent attention; null for other models.</summary>
    public LatentShape? LatentAttention { get; init; }

    /// <summary>The state of each recurrent layer; null without them.</summary>
    public RecurrentShape? Recurrent { get; init; }

    /// <summary>Whether the output head is the token embedding.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>The type that weights which are not quantized, and activations, are computed in (<c>torch_dtype</c>).</summary>
    public required ElementType DataType { get; init; }

    /// <summary>How the checkpoint is quantized.</summary>
    public QuantizationMethod Quantization { get; init; }

    /// <summary>Bits per quantized weight; 0 when nothing is quantized.</summary>
    public int QuantizationBits { get; init; }

    /// <summary>The cache's element type where the checkpoint states one (<c>kv_cache_scheme</c>); null: the data type.</summary>
    public ElementType? KvCacheType { get; init; }

    /// <summary>All weights, summed by layer and sharding.</summary>
    public required ImmutableArray<WeightPart> Weights { get; init; }

    /// <summary>True when the architecture is not known: what its files and configuration do not say is taken at its most.</summary>
    public bool UpperBound { get; init; }

    /// <summary>What is odd about the model's files without keeping it from being served; one sentence each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The number of parameters.</summary>
    public long ParameterCount
    {
        get
        {
            long sum = 0;
            foreach (WeightPart part in Weights)
            {
                sum += part.Elements;
            }

            return sum;
        }
    }

    /// <summary>All weights, each once.</summary>
    public Bytes WeightSize
    {
        get
        {
            Bytes sum = default;
            foreach (WeightPart part in Weights)
            {
                sum += part.Size;
            }

            return sum;
        }
    }
}
