using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The tensors of multi-head latent attention (DeepSeek V2 and V3, Kimi K2, MiniCPM3, GLM).</summary>
internal static class LatentAttentionTensors
{
    public static void Write(CheckpointBuilder builder, string layer, string outputName = "o_proj")
    {
        TextConfig config = builder.Config;
        ConfigNode node = config.Node;
        string module = layer + "self_attn.";
        bool bias = node.Flag("attention_bias");
        int rank = node.Length(512, "kv_lora_rank");
        int plain = node.Length(128, "qk_nope_head_dim");
        int rotary = node.Length(64, "qk_rope_head_dim");
        int value = node.Length(config.ModelType is "minicpm3" ? config.Hidden / Math.Max(1, config.Heads) : 128, "v_head_dim");
        int queryRank = node.Length(0, "q_lora_rank");
        long queries = (long)config.Heads * (plain + rotary);
        if (queryRank > 0)
        {
            builder.Linear(module + "q_a_proj", queryRank, config.Hidden, bias);
            builder.Norm(module + "q_a_layernorm", queryRank);
            builder.Linear(module + "q_b_proj", queries, queryRank);
        }
        else
        {
            builder.Linear(module + "q_proj", queries, config.Hidden);
        }

        builder.Linear(module + "kv_a_proj_with_mqa", rank + rotary, config.Hidden, bias);
        builder.Norm(module + "kv_a_layernorm", rank);
        builder.Linear(module + "kv_b_proj", (long)config.Heads * (plain + value), rank);
        builder.Linear(module + outputName, config.Hidden, (long)config.Heads * value, bias);
        if (node.Length(0, "index_head_dim") is > 0 and int indexer)
        {
            int heads = node.Count(64, "index_n_heads");
            builder.Linear(module + "indexer.wq_b", (long)heads * indexer, queryRank);
            builder.Linear(module + "indexer.wk", indexer, config.Hidden);
            builder.Norm(module + "indexer.k_norm", indexer, bias: true);
            builder.Plain(module + "indexer.weights_proj", heads, config.Hidden);
        }
    }
}
