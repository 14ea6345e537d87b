using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace GpuStack.Benchmarks.Ingest;

/// <summary>Folders of Hugging Face models without data: a configuration, and one safetensors file that ends with its header.</summary>
internal static class SafetensorsSamples
{
    private const int Hidden = 1024;
    private const int Inner = 512;
    private const int Vocabulary = 32000;

    /// <summary>A dense model of 105 layers (947 tensors); returns the header's size in bytes.</summary>
    public static int Dense(string folder) => Write(
        folder, """{"architectures":["LlamaForCausalLM"],"model_type":"llama","num_hidden_layers":105,""", layers: 105, experts: 0);

    /// <summary>A mixture of 80 layers with 320 experts each (77,362 tensors); returns the header's size in bytes.</summary>
    public static int Mixture(string folder) => Write(
        folder,
        """{"architectures":["Qwen3MoeForCausalLM"],"model_type":"qwen3_moe","num_hidden_layers":80,"num_experts":320,"num_experts_per_tok":8,"moe_intermediate_size":512,""",
        layers: 80,
        experts: 320);

    private static int Write(string folder, string config, int layers, int experts)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            config + """
            "hidden_size":1024,"intermediate_size":512,"num_attention_heads":8,"num_key_value_heads":8,"head_dim":128,"vocab_size":32000,
            "max_position_embeddings":32768,"tie_word_embeddings":false,"torch_dtype":"bfloat16"}
            """);
        var header = new HeaderText();
        header.Add("model.embed_tokens.weight", Vocabulary, Hidden);
        header.Add("lm_head.weight", Vocabulary, Hidden);
        header.Add("model.norm.weight", Hidden);
        for (int layer = 0; layer < layers; layer++)
        {
            string prefix = string.Create(CultureInfo.InvariantCulture, $"model.layers.{layer}.");
            foreach (string projection in (string[])["q", "k", "v", "o"])
            {
                header.Add($"{prefix}self_attn.{projection}_proj.weight", Hidden, Hidden);
            }

            header.Add(prefix + "input_layernorm.weight", Hidden);
            header.Add(prefix + "post_attention_layernorm.weight", Hidden);
            if (experts == 0)
            {
                header.AddFeedForward(prefix + "mlp.", Inner, Hidden);
                continue;
            }

            header.Add(prefix + "mlp.gate.weight", experts, Hidden);
            for (int expert = 0; expert < experts; expert++)
            {
                header.AddFeedForward(string.Create(CultureInfo.InvariantCulture, $"{prefix}mlp.experts.{expert}."), Inner, Hidden);
            }
        }

        return header.WriteTo(Path.Combine(folder, "model.safetensors"));
    }

    private sealed class HeaderText
    {
        private readonly StringBuilder _json = new("{\"__metadata__\":{\"format\":\"pt\"}");
        private long _offset;

        public void Add(string name, params ReadOnlySpan<long> shape)
        {
            long elements = 1;
            foreach (long dimension in shape)
            {
                elements *= dimension;
            }

            long end = _offset + (2 * elements);
            _json.Append(CultureInfo.InvariantCulture, $",\"{name}\":{{\"dtype\":\"BF16\",\"shape\":[{string.Join(',', shape.ToArray())}],\"data_offsets\":[{_offset},{end}]}}");
            _offset = end;
        }

        public void AddFeedForward(string prefix, long inner, long hidden)
        {
            Add(prefix + "gate_proj.weight", inner, hidden);
            Add(prefix + "up_proj.weight", inner, hidden);
            Add(prefix + "down_proj.weight", hidden, inner);
        }

        /// <summary>The file is as long as it says, yet its data is a hole.</summary>
        public int WriteTo(string path)
        {
            byte[] json = Encoding.UTF8.GetBytes(_json.Append('}').ToString());
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
            using FileStream file = File.Create(path);
            file.Write(length);
            file.Write(json);
            file.SetLength(sizeof(ulong) + json.Length + _offset);
            return json.Length;
        }
    }
}
