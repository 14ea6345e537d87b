using System.Collections.Frozen;

namespace GpuStack.Modeling.Transformers.Weights;

/// <summary>
/// The roles of modules by their names, as vLLM's layers divide them: ColumnParallelLinear and its merged kinds, RowParallelLinear,
/// QKVParallelLinear, ReplicatedLinear. A name that is not listed counts as replicated, which never makes an estimate too small.
/// </summary>
internal static class TensorRoles
{
    private static readonly FrozenDictionary<string, TensorRole> Roles = Create();

    private static readonly FrozenDictionary<string, TensorRole>.AlternateLookup<ReadOnlySpan<char>> Lookup = Roles.GetAlternateLookup<ReadOnlySpan<char>>();

    public static TensorRole Of(ReadOnlySpan<char> module) => Lookup.TryGetValue(module, out TensorRole role) ? role : TensorRole.Replicated;

    private static FrozenDictionary<string, TensorRole> Create()
    {
        var roles = new Dictionary<string, TensorRole>(StringComparer.Ordinal);
        Add(
            TensorRole.Column,
            "q_proj", "q_b_proj", "kv_b_proj", "wq", "wq_b", "wkv_b", "gate_proj", "up_proj", "gate_up_proj", "w1", "w3", "w13", "v1", "fc1", "fc_in", "c_fc", "c_fc_0", "c_fc_1",
            "dense_h_to_4h", "input_linear", "in_proj", "in_proj_qkvz", "in_proj_ba", "in_proj_qkv", "in_proj_z", "in_proj_a", "in_proj_b", "dt_proj", "f_b_proj", "g_b_proj",
            "b_proj", "output_gate", "conv1d", "q_conv1d", "k_conv1d", "v_conv1d", "conv", "A_log", "A", "D", "dt_bias", "sinks", "linear_fc1", "gate_and_up_proj");
        Add(
            TensorRole.Row,
            "o_proj", "wo", "dense", "c_proj", "out_proj", "proj", "down_proj", "w2", "fc2", "fc_out", "dense_4h_to_h", "output_linear", "x_proj", "linear_fc2", "attention_output");
        Add(TensorRole.KeyValue, "k_proj", "v_proj", "wk", "wv", "kv_proj");
        Add(TensorRole.FusedAttention, "qkv_proj", "qkv", "Wqkv", "wqkv", "c_attn", "query_key_value", "W_pack");
        return roles.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(TensorRole role, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                roles.Add(name, role);
            }
        }
    }
}
