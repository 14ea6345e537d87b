using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GpuStack.Operator.Tests.Plan;

/// <summary>A folder as vLLM and SGLang load it: Llama 3.1 8B by its shapes, its weights a file of holes.</summary>
internal static class SafetensorsFolder
{
    private const int Hidden = 4096, Layers = 32, Heads = 32, KeyValueHeads = 8, Inner = 14336, Vocabulary = 128_256;

    /// <summary>Writes the folder <c>llama-8b</c>, 15 GiB that take no room on the disk.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string parent)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, "llama-8b")).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": {{Hidden}}, "intermediate_size": {{Inner}}, "num_hidden_layers": {{Layers}},
             "num_attention_heads": {{Heads}}, "num_key_value_heads": {{KeyValueHeads}}, "vocab_size": {{Vocabulary}}, "max_position_embeddings": 131072,
             "torch_dtype": "bfloat16", "rms_norm_eps": 1e-5, "tie_word_embeddings": false}
            """);
        var header = new JsonObject();
        long offset = 0;
        foreach (var (name, shape) in Tensors())
        {
            var end = offset + (2 * shape.Aggregate(1L, (product, size) => product * size));
            header[name] = new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode?)size)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        using var file = File.Create(Path.Combine(folder, "model.safetensors"));
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        file.Write(length);
        file.Write(text);
        file.SetLength(8 + text.Length + offset);
        return folder;
    }

    private static IEnumerable<(string Name, int[] Shape)> Tensors()
    {
        const int KeyValue = KeyValueHeads * (Hidden / Heads);
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        yield return ("lm_head.weight", [Vocabulary, Hidden]);
        yield return ("model.norm.weight", [Hidden]);
        for (var layer = 0; layer < Layers; layer++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"model.layers.{layer}.");
            yield return (prefix + "input_layernorm.weight", [Hidden]);
            yield return (prefix + "post_attention_layernorm.weight", [Hidden]);
            yield return (prefix + "self_attn.q_proj.weight", [Hidden, Hidden]);
            yield return (prefix + "self_attn.k_proj.weight", [KeyValue, Hidden]);
            yield return (prefix + "self_attn.v_proj.weight", [KeyValue, Hidden]);
            yield return (prefix + "self_attn.o_proj.weight", [Hidden, Hidden]);
            yield return (prefix + "mlp.gate_proj.weight", [Inner, Hidden]);
            yield return (prefix + "mlp.up_proj.weight", [Inner, Hidden]);
            yield return (prefix + "mlp.down_proj.weight", [Hidden, Inner]);
        }
    }
}
