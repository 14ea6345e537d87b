namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// The compute buffers of a model whose every block is recurrent (Mamba): there is no attention and no mask; what counts is
/// how many rows of the inner size are alive at once, and the states that are copied.
/// </summary>
internal sealed record RecurrentStage
{
    private readonly long _inner;
    private readonly long _projected;
    private readonly long _states;
    private readonly long _unit;

    private RecurrentStage(LlamaCppModel model, RecurrentState state, LlamaCppContext context)
    {
        long row = context.BatchTokens * (long)sizeof(float);
        _inner = state.InnerSize * row;
        _unit = model.EmbeddingLength * row;
        long timeStep = (model.EmbeddingLength + 15) / 16;
        _projected = ((2 * timeStep) + (2L * state.StateSize)) * row;
        _states = context.Sequences * (state.BytesPerSequence + (sizeof(float) * (state.Convolution - 1L) * state.InnerSize));
    }

    /// <summary>Bytes on the host when some blocks stay there.</summary>
    public long OnHost => (13 * _inner / 2) + (2 * _unit) + _states;

    /// <summary>The stage of a model; null when some of its blocks are not recurrent.</summary>
    public static RecurrentStage? Of(LlamaCppModel model, LlamaCppContext context)
    {
        if (model.RecurrentState is not { } state || model.LayerKinds.AsSpan().ContainsAnyExcept(LayerKind.Recurrent))
        {
            return null;
        }

        return new(model, state, context);
    }

    public long OnDevice(bool first, bool output, int deviceCount, bool partialOffload)
    {
        if (partialOffload)
        {
            return (13 * _inner / 2) + _states;
        }

        if (deviceCount == 1)
        {
            return (6 * _inner) + _projected + _states;
        }

        // Four copies of what crosses between devices; the last block computes only the rows whose logits are wanted.
        return ((first ? 33 : output ? 36 : 44) * _inner / 2) + _states;
    }
}
