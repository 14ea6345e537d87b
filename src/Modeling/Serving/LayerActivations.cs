using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Serving;

/// <summary>What lives on a GPU while one layer computes a batch: a derivation from the model's shape, common to both engines.</summary>
internal static class LayerActivations
{
    /// <summary>
    /// Rows of hidden size that live then: the residual, the layer's input before and after its norm, its output, and the pair that a
    /// pipeline stage takes in or hands on (vLLM 0.19 logged 1.10 GiB for a first stage of Llama 3.1 8B with 8192 tokens).
    /// </summary>
    public const int HiddenRows = 6;

    /// <summary>Tokens in a chunk of the state-space kernels: their states are held once for each chunk (64 in flash-linear-attention, more in Mamba 2).</summary>
    private const int StateChunk = 64;

    /// <summary>Bytes of an activation.</summary>
    public static int ElementBytes(TransformerModel model, ElementType? dataType) =>
        (dataType ?? model.DataType) is ElementType.F32 or ElementType.F64 ? 4 : 2;

    /// <summary>
    /// Elements for each token of the batch on one rank: <see cref="HiddenRows"/>, and the widest of the gate and up projections with their
    /// product, of queries, keys, values and the attention's output, and of the chunks' recurrent states.
    /// </summary>
    public static double PerToken(ServedModel served, int tensorParallel)
    {
        TransformerModel model = served.Model;
        double widest = 3.0 * (model.ExpertCount > 0 ? Math.Max(model.IntermediateSize, model.ExpertIntermediateSize) : model.IntermediateSize);
        foreach (CacheClass cache in model.LatentAttention is null ? served.Caches : [])
        {
            TransformerLayer shape = cache.Layer;
            double heads = (double)CacheClass.HeadsPerRank(shape.KeyValueHeads, tensorParallel) * tensorParallel;
            widest = Math.Max(widest, (shape.KeyLength + shape.ValueLength) * (model.HeadCount + heads));
        }

        if (model.LatentAttention is { } latent)
        {
            // Latent rows are spread out into keys and values of every query head, beside the queries and the output.
            widest = Math.Max(widest, 2.0 * model.HeadCount * (latent.KeyLength + latent.RotaryLength + latent.ValueLength));
        }

        if (model.Recurrent is { } recurrent)
        {
            widest = Math.Max(widest, ((double)recurrent.StateElements / StateChunk) + (2.0 * recurrent.ConvolutionElements));
        }

        return (HiddenRows * (double)model.HiddenSize) + (widest / tensorParallel);
    }
}
