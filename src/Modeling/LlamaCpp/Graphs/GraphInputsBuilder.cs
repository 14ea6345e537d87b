using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>The sizes of a graph's inputs: positions, rows of caches, masks, rotations, states.</summary>
internal sealed class GraphInputsBuilder(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context, GraphRecipe recipe, long tokens)
{
    /// <summary>Makes the inputs; they come into the graph when an operation that reads them does.</summary>
    /// <param name="embeddings">What the first block reads.</param>
    /// <param name="perLayer">Embeddings of each block; null without them.</param>
    public GraphInputs Build(GraphTensor embeddings, PerLayerInputs? perLayer)
    {
        bool window = context.WindowCellsPerStream > 0;
        GraphTensor? states = model.RecurrentState is null ? null : Input(GraphElement.I32, context.Sequences);
        return new GraphInputs
        {
            Positions = Input(GraphElement.I32, tokens * recipe.PositionsPerToken),
            Full = CacheInputs(context.CellsPerStream, model.KeyLength, model.ValueLength),
            Window = window ? CacheInputs(context.WindowCellsPerStream, WindowLength(model.WindowKeyLength, model.KeyLength), WindowLength(model.WindowValueLength, model.ValueLength)) : null,
            Index = model.SparseIndexer is { } indexer ? IndexInputs(indexer) : null,
            Embeddings = model.BlocksThatAddEmbeddings > 0 ? embeddings : null,
            PerLayer = perLayer,
            PositionScale = recipe.ScaledByPosition ? Input(GraphElement.F32, 1, 1, tokens) : null,
            States = states,
            OwnStates = states is null ? null : View(states, states.Shape, states.Strides),
            OtherStates = states is null ? null : View(states, (context.Sequences - 1, 1, 1, 1), states.Strides),
            OutputRows = Input(GraphElement.I32, context.Sequences),
        };
    }

    private static int WindowLength(int own, int usual) => own > 0 ? own : usual;

    private CacheInputs CacheInputs(long cells, int keyLength, int valueLength)
    {
        bool latent = model.LatentAttention is not null;
        long values = options.FlashAttention ? tokens : tokens * model.LargestValueRow;
        return new CacheInputs
        {
            Cells = cells,
            KeyRows = Input(GraphElement.I64, tokens),
            ValueRows = latent ? null : Input(GraphElement.I64, values),
            Mask = Input(options.FlashAttention ? GraphElement.F16 : GraphElement.F32, cells, tokens / context.Streams, 1, context.Streams),
            KeyRotation = Rotation(options.KeyType, latent ? 0 : keyLength, smallest: false),
            ValueRotation = Rotation(options.ValueType, latent ? 0 : valueLength, smallest: true),
        };
    }

    private CacheInputs IndexInputs(SparseIndexer indexer) => CacheInputs(context.CellsPerStream, 0, 0) with
    {
        // Its scores are computed by one operation that takes such masks only, with and without flash attention.
        Mask = Input(GraphElement.F16, context.CellsPerStream, tokens / context.Streams, 1, context.Streams),
        KeyRotation = Rotation(KvCacheType.Q8_0, indexer.KeyLength, smallest: false),
    };

    /// <summary>Quantized caches hold rotated heads: by the largest power of two that divides a head (keys), or by 64 (values).</summary>
    private static GraphTensor? Rotation(KvCacheType type, int length, bool smallest)
    {
        const int Smallest = 64;
        if (type is KvCacheType.F32 or KvCacheType.F16 or KvCacheType.BF16 || length == 0 || length % Smallest != 0)
        {
            return null;
        }

        int size = Smallest;
        while (!smallest && length % (2 * size) == 0)
        {
            size *= 2;
        }

        return Input(GraphElement.F32, size, size);
    }
}
