using System.Globalization;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The tensors of decoder layers, in the names of a layout.</summary>
/// <param name="builder">Takes the tensors.</param>
/// <param name="layout">Their names and biases.</param>
internal sealed class DecoderTensors(CheckpointBuilder builder, DecoderLayout layout)
{
    private readonly TextConfig _config = builder.Config;

    public DecoderLayout Layout => layout;

    /// <summary>Embedding, layers, final norm and head.</summary>
    public void Model(Action<int, string>? layerTensors = null)
    {
        builder.Tensor($"{layout.Prefix}{layout.Embedding}.weight", _config.Vocabulary, _config.Hidden);
        if (layout.Positions is { } positions)
        {
            builder.Tensor($"{layout.Prefix}{positions}.weight", layout.PositionRows, _config.Hidden);
        }

        if (layout.EmbeddingNorm is { } norm)
        {
            builder.Norm($"{layout.Prefix}{norm}", _config.Hidden, layout.NormBias);
        }

        for (int i = 0; i < _config.Layers; i++)
        {
            string layer = string.Create(CultureInfo.InvariantCulture, $"{layout.Prefix}{layout.Layers}.{i}.");
            if (layerTensors is null)
            {
                Layer(i, layer);
            }
            else
            {
                layerTensors(i, layer);
            }
        }

        Ends();
    }

    /// <summary>The final norm and the head.</summary>
    public void Ends()
    {
        if (layout.FinalNorm.Length > 0)
        {
            builder.Norm($"{layout.Prefix}{layout.FinalNorm}", _config.Hidden, layout.NormBias);
        }

        if (_config.Tied)
        {
            return;
        }

        if (builder.Quantization.OutputHead)
        {
            builder.Linear(layout.Head, _config.Vocabulary, _config.Hidden, layout.HeadBias);
        }
        else
        {
            builder.Plain(layout.Head, _config.Vocabulary, _config.Hidden, layout.HeadBias);
        }
    }

    public void Layer(int index, string layer)
    {
        Norms(layer);
        Attention(layer, _config.KeyValueHeads, _config.HeadLength, _config.ValueLength);
        FeedForward(index, layer);
    }

    public void Norms(string layer)
    {
        foreach (string norm in layout.Norms)
        {
            builder.Norm(layer + norm, _config.Hidden, layout.NormBias);
        }
    }

    public void Attention(string layer, int keyValueHeads, int headLength, int valueLength)
    {
        string attention = $"{layer}{layout.Attention}.";
        long query = (long)_config.Heads * headLength * layout.QueryFactor;
        long key = (long)keyValueHeads * headLength;
        long value = (long)keyValueHeads * valueLength;
        if (layout.FusedAttention is { } fused)
        {
            builder.Linear(attention + fused, query + key + value, _config.Hidden, layout.AttentionBias);
        }
        else
        {
            builder.Linear(attention + layout.Query, query, _config.Hidden, layout.AttentionBias);
            builder.Linear(attention + layout.Key, key, _config.Hidden, layout.AttentionBias);
            builder.Linear(attention + layout.Value, value, _config.Hidden, layout.AttentionBias);
        }

        builder.Linear(attention + layout.Output, _config.Hidden, (long)_config.Heads * valueLength, layout.OutputBias);
        if (layout.Sinks)
        {
            builder.Tensor(attention + "sinks", _config.Heads);
        }

        if (layout.QueryKeyNorm != QueryKeyNorm.None)
        {
            bool full = layout.QueryKeyNorm == QueryKeyNorm.Full;
            builder.Norm(attention + layout.QueryNorm, full ? (long)_config.Heads * headLength : headLength);
            builder.Norm(attention + layout.KeyNorm, full ? key : headLength);
        }
    }

    public void FeedForward(int index, string layer)
    {
        if (layout.Mixture is { } mixture && mixture.IsMixture(index))
        {
            Mixture($"{layer}{mixture.Module}.", mixture);
        }
        else
        {
            Dense($"{layer}{layout.FeedForward}.", _config.Intermediate);
        }
    }

    public void Dense(string module, long length)
    {
        if (layout.FusedGate is { } fused)
        {
            builder.Linear(module + fused, 2 * length, _config.Hidden, layout.FeedForwardBias);
        }
        else
        {
            if (layout.Gate is { } gate)
            {
                builder.Linear(module + gate, length, _config.Hidden, layout.FeedForwardBias);
            }

            builder.Linear(module + layout.Up, length, _config.Hidden, layout.FeedForwardBias);
        }

        builder.Linear(module + layout.Down, _config.Hidden, length, layout.FeedForwardBias);
    }

    public void Mixture(string module, MixtureLayout mixture)
    {
        builder.Plain(module + mixture.Router, mixture.Count, _config.Hidden, mixture.RouterBias);
        if (mixture.Correction is { } correction)
        {
            builder.Tensor(module + correction, mixture.Count);
        }

        Experts(module, mixture);
        if (mixture.SharedLength > 0)
        {
            Shared($"{module}{mixture.Shared}.", mixture);
            if (mixture.SharedGate is { } gate)
            {
                builder.Plain(module + gate, 1, _config.Hidden);
            }
        }
    }

    private void Shared(string module, MixtureLayout mixture)
    {
        if (mixture.Gate is { } gate)
        {
            builder.Linear(module + gate, mixture.SharedLength, _config.Hidden, mixture.Bias);
        }

        builder.Linear(module + mixture.Up, mixture.SharedLength, _config.Hidden, mixture.Bias);
        builder.Linear(module + mixture.Down, _config.Hidden, mixture.SharedLength, mixture.Bias);
    }

    private void Experts(string module, MixtureLayout mixture)
    {
        long hidden = _config.Hidden;
        long length = mixture.Length;
        switch (mixture.Stacked)
        {
            case StackedExperts.Transposed:
                builder.Stacked($"{module}{mixture.Experts}.gate_up_proj", mixture.Count, hidden, 2 * length, transposed: true, mixture.Bias);
                builder.Stacked($"{module}{mixture.Experts}.down_proj", mixture.Count, length, hidden, transposed: true, mixture.Bias);
                break;
            case StackedExperts.Straight:
                builder.Stacked($"{module}{mixture.Experts}.gate_up_proj", mixture.Count, 2 * length, hidden, transposed: false, mixture.Bias);
                builder.Stacked($"{module}{mixture.Experts}.down_proj", mixture.Count, hidden, length, transposed: false, mixture.Bias);
                break;
            case StackedExperts.Granite:
                builder.Tensor(module + "input_linear.weight", mixture.Count, 2 * length, hidden);
                builder.Tensor(module + "output_linear.weight", mixture.Count, hidden, length);
                break;
            default:
                if (mixture.Gate is { } gate)
                {
                    builder.Linear($"{module}{mixture.Experts}.0.{gate}", length, hidden, mixture.Bias, mixture.Count);
                }

                builder.Linear($"{module}{mixture.Experts}.0.{mixture.Up}", length, hidden, mixture.Bias, mixture.Count);
                builder.Linear($"{module}{mixture.Experts}.0.{mixture.Down}", hidden, length, mixture.Bias, mixture.Count);
                break;
        }
    }
}
