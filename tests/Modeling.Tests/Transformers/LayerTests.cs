using System.Globalization;
using System.Text;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Transformers;

/// <summary>What the layers of published models remember, and for how long a context.</summary>
public class LayerTests
{
    public static TheoryData<string, string> Published()
    {
        var rows = new TheoryData<string, string>();
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "cases", "model-layers.csv")).Skip(1))
        {
            int comma = line.IndexOf(',', StringComparison.Ordinal);
            rows.Add(line[..comma], line[(comma + 1)..]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Layers_are_of_the_kinds_that_the_model_has(string repository, string expected)
    {
        TransformerModel model = ModelConfigs.Read(repository);
        TransformerLayer cached = model.Layers.FirstOrDefault(layer => layer.KeyValueHeads > 0);

        Assert.Equal(
            expected,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{model.ContextLength},{Count(TransformerLayerKind.Full)},{Count(TransformerLayerKind.SlidingWindow)},{Count(TransformerLayerKind.Recurrent)},{Count(TransformerLayerKind.FullAndRecurrent)},{Count(TransformerLayerKind.None)},{model.SlidingWindow},{cached.KeyValueHeads},{cached.KeyLength}"));

        int Count(TransformerLayerKind kind) => model.Layers.Count(layer => layer.Kind == kind);
    }

    [Theory]
    [InlineData("Qwen/Qwen3-Next-80B-A3B-Instruct", 3 * 8192, 32 * 128 * 128)]
    [InlineData("ai21labs/Jamba-v0.1", 3 * 8192, 8192 * 16)]
    [InlineData("mistralai/Mamba-Codestral-7B-v0.1", 3 * (8192 + (2 * 8 * 128)), 128 * 64 * 128)]
    [InlineData("nvidia/NVIDIA-Nemotron-Nano-9B-v2", 3 * (10240 + (2 * 8 * 128)), 128 * 80 * 128)]
    [InlineData("MiniMaxAI/MiniMax-M1-80k", 0, 64 * 128 * 128)]
    [InlineData("LiquidAI/LFM2-1.2B", 2 * 2048, 0)]
    public void Recurrent_layers_have_a_state_of_fixed_size(string repository, long convolution, long state)
    {
        RecurrentShape? shape = ModelConfigs.Read(repository).Recurrent;

        Assert.Equal((convolution, state), (shape?.ConvolutionElements, shape?.StateElements));
    }

    [Fact]
    public void Latent_attention_keeps_one_row_for_all_heads()
    {
        Assert.Equal(new LatentShape(512, 64, KeyLength: 128, ValueLength: 128), ModelConfigs.Read("deepseek-ai/DeepSeek-V3").LatentAttention);
        Assert.Null(ModelConfigs.Read("openbmb/MiniCPM3-4B").LatentAttention);
        Assert.Equal(new LatentShape(512, 64, 128, 0, 0), Read("""{"model_type":"deepseek_v32","kv_lora_rank":512,"qk_rope_head_dim":64,"index_head_dim":128,"q_lora_rank":1536}""").LatentAttention);
    }

    [Theory]
    [InlineData("""{"model_type":"qwen2","use_sliding_window":true,"sliding_window":64,"max_window_layers":3}""", "FFFS")]
    [InlineData("""{"model_type":"qwen2","use_sliding_window":false,"sliding_window":64,"max_window_layers":3}""", "FFFF")]
    [InlineData("""{"model_type":"qwen3","layer_types":["full_attention","sliding_attention","linear_attention","chunked_attention"],"sliding_window":64}""", "FSRS")]
    [InlineData("""{"model_type":"llama4_text","attention_chunk_size":64,"no_rope_layers":[1,0,1,0]}""", "SFSF")]
    [InlineData("""{"model_type":"exaone4","sliding_window":64,"sliding_window_pattern":"LLG"}""", "SSFS")]
    [InlineData("""{"model_type":"exaone4","sliding_window":null,"sliding_window_pattern":"LLG"}""", "FFFF")]
    [InlineData("""{"model_type":"gemma3_text","sliding_window":64,"sliding_window_pattern":2}""", "SFSF")]
    [InlineData("""{"model_type":"mistral","sliding_window":5000}""", "FFFF")]
    [InlineData("""{"model_type":"bamba","attn_layer_indices":[1]}""", "RFRR")]
    [InlineData("""{"model_type":"nemotron_h","hybrid_override_pattern":"M*-E"}""", "RFNN")]
    [InlineData("""{"model_type":"mimo_v2_flash","hybrid_layer_pattern":[0,1,1,0],"sliding_window":64}""", "FSSF")]
    [InlineData("""{"model_type":"kimi_linear","linear_attn_config":{"full_attn_layers":[4],"num_heads":2,"head_dim":8}}""", "RRRF")]
    [InlineData("""{"model_type":"gemma3n_text","num_kv_shared_layers":2,"sliding_window":64}""", "SSNN")]
    [InlineData("""{"model_type":"minimax","attn_type_list":[0,1,0,1]}""", "RFRF")]
    public void Each_familys_rule_for_the_kinds_of_layers_is_kept(string config, string kinds)
    {
        Assert.Equal(kinds, string.Concat(Read(config).Layers.Select(layer => layer.Kind switch
        {
            TransformerLayerKind.Full => 'F',
            TransformerLayerKind.SlidingWindow => 'S',
            TransformerLayerKind.Recurrent => 'R',
            _ => 'N',
        })));
    }

    [Theory]
    [InlineData("""{"rope_scaling":{"type":"yarn","factor":4.0,"original_max_position_embeddings":512}}""", 2048)]
    [InlineData("""{"rope_scaling":{"rope_type":"linear","factor":2.0}}""", 2000)]
    [InlineData("""{"rope_scaling":{"rope_type":"llama3","factor":8.0}}""", 1000)]
    [InlineData("""{"rope_scaling":{"type":"longrope","factor":8.0}}""", 1000)]
    [InlineData("""{"rope_parameters":{"full_attention":{"rope_type":"linear","factor":8.0},"sliding_attention":{"rope_type":"default"}}}""", 8000)]
    [InlineData("""{"model_type":"gemma3_text","rope_scaling":{"rope_type":"linear","factor":8.0}}""", 1000)]
    [InlineData("""{"seq_length":700}""", 700)]
    [InlineData("""{"model_max_length":9000}""", 9000)]
    public void The_context_is_scaled_as_the_rope_is(string config, long context) => Assert.Equal(new Tokens(context), Read(config).ContextLength);

    [Fact]
    public void A_language_model_is_found_within_a_multimodal_one()
    {
        foreach (string name in new[] { "text_config", "llm_config", "language_config" })
        {
            TransformerModel model = TransformerModelReader.FromConfig("x", Encoding.UTF8.GetBytes($"{{\"architectures\":[\"A\"],\"{name}\":{Base()}}}"));
            Assert.Equal(("A", 4), (model.Architecture, model.Layers.Length));
        }

        TransformerModel nested = TransformerModelReader.FromConfig("x", Encoding.UTF8.GetBytes($"{{\"thinker_config\":{{\"text_config\":{Base()}}}}}"));
        Assert.Equal(4, nested.Layers.Length);
    }

    private static string Base() =>
        """{"hidden_size":64,"num_hidden_layers":4,"num_attention_heads":4,"num_key_value_heads":2,"intermediate_size":128,"vocab_size":100,"max_position_embeddings":1000}""";

    private static TransformerModel Read(string config) => TransformerModelReader.FromConfig("x", Encoding.UTF8.GetBytes(Base()[..^1] + "," + config[1..]));
}
