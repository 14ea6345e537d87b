using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>Gemma 3n's language model: alternating updates, learned residuals and an embedding per layer.</summary>
internal static class Gemma3nTensors
{
    public static void Write(CheckpointBuilder builder)
    {
        TextConfig config = builder.Config;
        ConfigNode node = config.Node;
        int hidden = config.Hidden;
        int perLayer = node.Length(256, "hidden_size_per_layer_input");
        int vocabulary = (int)node.Integer(262144, 0, ConfigNode.MaximumVocabulary, "vocab_size_per_layer_input");
        int streams = Math.Clamp(node.Count(4, "altup_num_inputs"), 1, 64);
        int rank = node.Length(64, "laurel_rank");
        var tensors = new DecoderTensors(builder, new()
        {
            Norms = ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"],
            QueryKeyNorm = QueryKeyNorm.Head,
        });
        System.Collections.Immutable.ImmutableArray<int> lengths = config.PerLayer("intermediate_size", config.Intermediate);
        tensors.Model((index, layer) =>
        {
            tensors.Norms(layer);
            tensors.Attention(layer, config.KeyValueHeads, config.HeadLength, config.ValueLength);
            tensors.Dense(layer + "mlp.", lengths[index]);
            builder.Tensor(layer + "altup.correct_output_scale", hidden);
            builder.Plain(layer + "altup.correction_coefs", streams, streams);
            builder.Plain(layer + "altup.prediction_coefs", (long)streams * streams, streams);
            builder.Plain(layer + "altup.modality_router", streams, hidden);
            builder.Norm(layer + "altup.router_norm", hidden);
            builder.Linear(layer + "laurel.linear_left", rank, hidden);
            builder.Linear(layer + "laurel.linear_right", hidden, rank);
            builder.Norm(layer + "laurel.post_laurel_norm", hidden);
            builder.Linear(layer + "per_layer_input_gate", perLayer, hidden);
            builder.Linear(layer + "per_layer_projection", hidden, perLayer);
            builder.Norm(layer + "post_per_layer_input_norm", hidden);
        });
        builder.Tensor("model.embed_tokens_per_layer.weight", vocabulary, (long)config.Layers * perLayer);
        builder.Linear("model.per_layer_model_projection", (long)config.Layers * perLayer, hidden);
        builder.Norm("model.per_layer_projection_norm", perLayer);
        for (int i = 0; i < streams - 1; i++)
        {
            builder.Linear($"model.altup_projections.{i}", hidden, hidden);
            builder.Linear($"model.altup_unembed_projections.{i}", hidden, hidden);
        }
    }
}
