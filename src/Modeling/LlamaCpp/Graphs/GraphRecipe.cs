using System.Collections.Immutable;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>What an architecture's graph does that its tensors do not show.</summary>
internal sealed record GraphRecipe
{
    /// <summary>Token embeddings are scaled before the first block.</summary>
    public bool ScaledEmbeddings { get; init; }

    /// <summary>Token embeddings are normalised before the first block, with a bias as the output's norm has (RWKV).</summary>
    public bool NormalizedEmbeddings { get; init; }

    /// <summary>Embeddings are scaled row by row, as those that a batch brings along are not (Gemma).</summary>
    public bool ScaledEmbeddingRows { get; init; }

    /// <summary>Embeddings of each block are looked up before the others, and scaled late (Gemma 4).</summary>
    public bool PerLayerEmbeddingsFirst { get; init; }

    /// <summary>Values are normalised, without weights.</summary>
    public bool NormalizedValues { get; init; }

    /// <summary>A feed-forward part beside attention has a norm of its own over the residual (GPT-NeoX).</summary>
    public bool ParallelNorm { get; init; }

    /// <summary>Attention and feed-forward part are parallel in blocks without a norm between them (StableLM).</summary>
    public bool ParallelWithoutNorm { get; init; }

    /// <summary>How parallel parts and the residual are added up.</summary>
    public ParallelOrder ParallelOrder { get; init; }

    /// <summary>Attention's result is normalised before the output's rows are chosen.</summary>
    public bool NormalizedBeforeOutputRows { get; init; }

    /// <summary>The feed-forward part is added to the residual, not the other way round: its place is the residual's (Phi MoE).</summary>
    public bool AddedToResidual { get; init; }

    /// <summary>Norms do not subtract the mean although they have biases.</summary>
    public bool BiasedRootMeanSquare { get; init; }

    /// <summary>The router reads the block's input (SmallThinker).</summary>
    public bool RoutedByInput { get; init; }

    /// <summary>llama.cpp switches flash attention off, whatever was asked for.</summary>
    public bool NoFlashAttention { get; init; }

    /// <summary>Queries are scaled before attention.</summary>
    public bool ScaledQueries { get; init; }

    /// <summary>What a block adds to the residual is scaled first.</summary>
    public bool ScaledResiduals { get; init; }

    /// <summary>What a block adds is added to the residual, and so lies in its place, instead of the other way round.</summary>
    public bool ResidualFirst { get; init; }

    /// <summary>Attention and feed-forward part read the same normalised input, and are added up at the end.</summary>
    public bool Parallel { get; init; }

    /// <summary>The router's weights are applied before the experts (Llama 4).</summary>
    public bool WeightsBeforeExperts { get; init; }

    /// <summary>The router chooses by a soft-max over the chosen ones (gpt-oss).</summary>
    public bool SoftMaxOfChosen { get; init; }

    /// <summary>The chosen experts' weights are normalised to a sum of 1.</summary>
    public bool NormalizedWeights { get; init; }

    /// <summary>The chosen experts' weights are scaled.</summary>
    public bool ScaledWeights { get; init; }

    /// <summary>The router selects by its raw output, and weighs by a sigmoid of it.</summary>
    public bool SigmoidRouter { get; init; }

    /// <summary>Norms subtract the mean; they never lie in their source's place.</summary>
    public bool LayerNorm { get; init; }

    /// <summary>Queries and keys with rotary positions are normalised once more, without weights (Llama 4).</summary>
    public bool NormsAfterRotary { get; init; }

    /// <summary>Queries without rotary positions are scaled by their position (Llama 4).</summary>
    public bool ScaledByPosition { get; init; }

    /// <summary>Only sliding-window blocks have rotary positions.</summary>
    public bool RotaryInWindowsOnly { get; init; }

    /// <summary>No block has rotary positions.</summary>
    public bool NoRotary { get; init; }

    /// <summary>Every so many blocks one has no rotary positions (the last of the period); 0: all have them.</summary>
    public int NoRotaryPeriod { get; init; }

    /// <summary>Sizes of one position: 1, or 4 where it has several axes.</summary>
    public int PositionsPerToken { get; init; } = 1;

    private static readonly GraphRecipe Plain = new();

    /// <summary>Architectures whose graphs were compared with llama.cpp's own, byte by byte (<c>Benchmarks accuracy</c>).</summary>
    private static readonly ImmutableDictionary<string, GraphRecipe> Recipes = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        new (string Architectures, GraphRecipe Recipe)[]
        {
            ("exaone deci qwen2 qwen2moe qwen3 phi3 olmo2 exaone4 glm4 chatglm apertus arcee starcoder2 olmoe ernie4_5 mistral3 mamba mamba2 internlm2 hunyuan-dense seed_oss", Plain),
            ("llama mimo2 qwen3moe qwen3next minimax-m2 hunyuan-moe ernie4_5-moe bailingmoe", new GraphRecipe { NormalizedWeights = true }),
            ("deepseek2 deepseek32 glm-dsa glm4moe dots1 bailingmoe2", new GraphRecipe { NormalizedWeights = true, ScaledWeights = true }),
            ("qwen2vl qwen3vl", new GraphRecipe { PositionsPerToken = 4 }),
            ("qwen3vlmoe", new GraphRecipe { PositionsPerToken = 4, NormalizedWeights = true }),
            ("gemma gemma2", new GraphRecipe { ScaledEmbeddings = true, ScaledQueries = true }),
            ("gemma3", new GraphRecipe { ScaledEmbeddingRows = true, ScaledQueries = true }),
            ("gemma3n", new GraphRecipe { ScaledEmbeddingRows = true, NormalizedValues = true }),
            ("gemma4", new GraphRecipe { ScaledEmbeddingRows = true, NormalizedValues = true, NormalizedWeights = true, PerLayerEmbeddingsFirst = true }),
            ("falcon", new GraphRecipe { Parallel = true, LayerNorm = true, ParallelOrder = ParallelOrder.FeedForwardThenAttention }),
            ("gptneox", new GraphRecipe { Parallel = true, LayerNorm = true, ParallelNorm = true }),
            ("stablelm", new GraphRecipe { LayerNorm = true, ParallelWithoutNorm = true, ParallelOrder = ParallelOrder.AttentionWithResidual }),
            ("afmoe", new GraphRecipe { ScaledEmbeddings = true, RotaryInWindowsOnly = true, NormalizedBeforeOutputRows = true, NormalizedWeights = true, ScaledWeights = true }),
            ("nemotron", new GraphRecipe { LayerNorm = true }),
            ("phi2", new GraphRecipe { Parallel = true, LayerNorm = true, ParallelOrder = ParallelOrder.AttentionThenFeedForward, ScaledQueries = true }),
            ("phimoe", new GraphRecipe { BiasedRootMeanSquare = true, AddedToResidual = true, ScaledQueries = true, NormalizedWeights = true }),
            ("smallthinker", new GraphRecipe { NormalizedWeights = true, RotaryInWindowsOnly = true, RoutedByInput = true }),
            ("grok", new GraphRecipe { ScaledEmbeddings = true, NormalizedWeights = true, NoFlashAttention = true }),
            ("dbrx", new GraphRecipe { LayerNorm = true, NormalizedWeights = true }),
            ("command-r", new GraphRecipe { Parallel = true, LayerNorm = true }),
            ("cohere2", new GraphRecipe { Parallel = true, LayerNorm = true, RotaryInWindowsOnly = true }),
            ("llama4", new GraphRecipe { WeightsBeforeExperts = true, SigmoidRouter = true, NoRotaryPeriod = 4, NormsAfterRotary = true, ScaledByPosition = true }),
            ("granite minicpm", new GraphRecipe { ScaledEmbeddings = true, ScaledResiduals = true }),
            ("granitemoe", new GraphRecipe { ScaledEmbeddings = true, ScaledResiduals = true, NormalizedWeights = true }),
            ("granitehybrid", new GraphRecipe { ScaledEmbeddings = true, ScaledResiduals = true, NormalizedWeights = true, NoRotary = true }),
            ("smollm3", new GraphRecipe { NoRotaryPeriod = 4 }),
            ("qwen35 qwen35moe", new GraphRecipe { NormalizedWeights = true, PositionsPerToken = 4 }),
            ("jamba", new GraphRecipe { ResidualFirst = true, NoRotary = true }),
            ("lfm2 lfm2moe", new GraphRecipe { ResidualFirst = true, NormalizedWeights = true }),
            ("falcon-h1", Plain),
            ("nemotron_h nemotron_h_moe kimi-linear", new GraphRecipe { NoRotary = true, NormalizedWeights = true, ScaledWeights = true }),
            ("rwkv7", new GraphRecipe { NormalizedEmbeddings = true }),
            ("gpt-oss", new GraphRecipe { SoftMaxOfChosen = true }),
        }
        .SelectMany(entry => entry.Architectures.Split(' ').Select(architecture => KeyValuePair.Create(architecture, entry.Recipe))));

    /// <summary>Whether an architecture's graph is known; for others there are upper bounds only.</summary>
    public static bool IsKnown(string architecture) => Recipes.ContainsKey(architecture);

    /// <summary>Whether a block's positions are rotary.</summary>
    public bool IsRotary(int block, LayerKind kind) => !NoRotary
        && (NoRotaryPeriod == 0 || (block + 1) % NoRotaryPeriod != 0)
        && (kind is LayerKind.SlidingWindow or LayerKind.SharedSlidingWindow || !RotaryInWindowsOnly);

    /// <summary>The recipe of an architecture.</summary>
    public static GraphRecipe Of(string architecture) => Recipes.GetValueOrDefault(architecture, Plain);
}
