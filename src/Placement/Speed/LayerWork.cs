using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Placement.Speed;

/// <summary>
/// What each layer of a GGUF model costs, the output layer last: bytes that a token reads, bytes in all, and operations per token. A
/// layer's parameters are not among the model's facts, only its bytes: they are shared out by bytes, of which a model's blocks have
/// about equally many per parameter.
/// </summary>
internal sealed class LayerWork
{
    public LayerWork(LlamaCppModel model)
    {
        Bytes = model.LayerWeights;
        ActiveBytes = Active(model);
        var blockBytes = 0.0;
        for (var layer = 0; layer < model.BlockCount; layer++)
            blockBytes += Bytes[layer];
        // Embeddings are looked up, and the output is computed for a prompt's last token only.
        var embeddings = (double)model.EmbeddingLength * model.VocabularySize * (model.TiedOutputWeights.Value > 0 ? 1 : 2);
        var parameters = Math.Max(0, model.ParameterCount - embeddings);
        var operations = ImmutableArray.CreateBuilder<double>(Bytes.Length);
        for (var layer = 0; layer < Bytes.Length; layer++)
            operations.Add(layer < model.BlockCount && blockBytes > 0 ? 2 * parameters * ActiveBytes[layer] / blockBytes : 0);
        Operations = operations.MoveToImmutable();
    }

    /// <summary>All bytes of each layer: what a batch of many tokens reads.</summary>
    public ImmutableArray<long> Bytes { get; }

    /// <summary>Bytes of each layer that one token reads: of a mixture's experts only those used.</summary>
    public ImmutableArray<long> ActiveBytes { get; }

    /// <summary>Operations per token of each layer when a prompt is read: two per parameter that is used.</summary>
    public ImmutableArray<double> Operations { get; }

    private static ImmutableArray<long> Active(LlamaCppModel model)
    {
        if (model.ExpertCount <= 0 || model.ParameterCount <= 0)
            return model.LayerWeights;
        // Three matrices of E·X per expert. Blocks much smaller than their mean size are dense. The rest of the parameters, less the
        // embeddings, is shared out over all blocks, for how a block's bytes divide is not among the model's facts.
        var experts = 3.0 * model.EmbeddingLength * model.ExpertFeedForwardLength * model.ExpertCount;
        var dense = 0.5 * experts * model.TotalWeightBytes.Value / model.ParameterCount;
        var mixtures = model.LayerWeights.Take(model.BlockCount).Count(all => all > dense);
        var others = model.ParameterCount - (mixtures * experts) - (2.0 * model.EmbeddingLength * model.VocabularySize);
        var share = experts / (experts + Math.Max(0, others / model.BlockCount));
        var unused = 1 - Math.Clamp((double)model.ExpertUsedCount / model.ExpertCount, 0, 1);
        var active = ImmutableArray.CreateBuilder<long>(model.LayerWeights.Length);
        for (var layer = 0; layer < model.LayerWeights.Length; layer++)
        {
            var all = model.LayerWeights[layer];
            active.Add(layer < model.BlockCount && all > dense ? (long)(all * (1 - (share * unused))) : all);
        }

        return active.MoveToImmutable();
    }
}
