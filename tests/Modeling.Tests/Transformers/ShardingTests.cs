using System.Text;
using GpuStack.Modeling.Tests.Safetensors;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Transformers;

/// <summary>Where a tensor belongs, by its name in published checkpoints.</summary>
public class ShardingTests
{
    private const string Config = """
        {"model_type":"llama","hidden_size":64,"num_hidden_layers":8,"num_attention_heads":6,"num_key_value_heads":1,"intermediate_size":128,"vocab_size":100,
         "num_experts":16,"tie_word_embeddings":false,"torch_dtype":"bfloat16"}
        """;

    [Theory]
    [InlineData("model.embed_tokens.weight", WeightPart.Inputs, WeightSharding.Vocabulary)]
    [InlineData("model.language_model.embed_tokens.weight", WeightPart.Inputs, WeightSharding.Vocabulary)]
    [InlineData("tok_embeddings.weight", WeightPart.Inputs, WeightSharding.Vocabulary)]
    [InlineData("transformer.wpe.weight", WeightPart.Inputs, WeightSharding.Replicated)]
    [InlineData("lm_head.weight", WeightPart.Outputs, WeightSharding.Vocabulary)]
    [InlineData("language_model.lm_head.weight", WeightPart.Outputs, WeightSharding.Vocabulary)]
    [InlineData("output.weight", WeightPart.Outputs, WeightSharding.Vocabulary)]
    [InlineData("transformer.output_layer.weight", WeightPart.Outputs, WeightSharding.Vocabulary)]
    [InlineData("model.norm.weight", WeightPart.Outputs, WeightSharding.Replicated)]
    [InlineData("transformer.ln_f.bias", WeightPart.Outputs, WeightSharding.Replicated)]
    [InlineData("model.layers.3.self_attn.q_proj.weight", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.self_attn.q_proj.bias", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.self_attn.k_proj.weight", 3, WeightSharding.KeyValueHeads)]
    [InlineData("layers.3.attention.wv.weight", 3, WeightSharding.KeyValueHeads)]
    [InlineData("model.layers.3.self_attn.o_proj.weight", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.self_attn.o_proj.bias", 3, WeightSharding.Replicated)]
    [InlineData("h.3.attn.c_proj.weight", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.mlp.down_proj.weight_scale_inv", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.mlp.gate.weight", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.mlp.gate.e_score_correction_bias", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.feed_forward.router.weight", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.mlp.shared_expert_gate.weight", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.mlp.shared_experts.up_proj.weight", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.mlp.experts.7.up_proj.weight", 3, WeightSharding.Experts)]
    [InlineData("model.layers.3.mlp.experts.gate_up_proj", 3, WeightSharding.Experts)]
    [InlineData("model.layers.3.block_sparse_moe.input_linear.weight", 3, WeightSharding.Experts)]
    [InlineData("model.layers.3.shared_mlp.input_linear.weight", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.self_attn.kv_a_proj_with_mqa.weight", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.self_attn.q_a_proj.weight", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.self_attn.q_b_proj.weight", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.self_attn.kv_b_proj.weight", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.self_attn.indexer.wq_b.weight", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.self_attn.sinks", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.input_layernorm.weight", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.self_attn.q_norm.weight", 3, WeightSharding.Replicated)]
    [InlineData("backbone.layers.3.mixer.in_proj.weight", 3, WeightSharding.Split)]
    [InlineData("backbone.layers.3.mixer.norm.weight", 3, WeightSharding.Split)]
    [InlineData("backbone.layers.3.mixer.conv1d.bias", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.mamba.D", 3, WeightSharding.Split)]
    [InlineData("model.layers.3.linear_attn.norm.weight", 3, WeightSharding.Replicated)]
    [InlineData("model.layers.3.something.new.weight", 3, WeightSharding.Replicated)]
    [InlineData("vision_tower.vision_model.encoder.layers.3.self_attn.q_proj.weight", WeightPart.Towers, WeightSharding.Split)]
    [InlineData("model.visual.blocks.3.attn.qkv.weight", WeightPart.Towers, WeightSharding.Split)]
    [InlineData("visual.patch_embed.proj.weight", WeightPart.Towers, WeightSharding.Replicated)]
    [InlineData("multi_modal_projector.linear_1.weight", WeightPart.Towers, WeightSharding.Replicated)]
    [InlineData("model.audio_tower.layers.3.fc1.weight", WeightPart.Towers, WeightSharding.Split)]
    public async Task A_tensor_belongs_where_the_engine_puts_it(string name, int layer, WeightSharding sharding)
    {
        WeightPart part = Assert.Single(await PartsAsync((name, ElementType.BF16, [12, 4])));

        Assert.Equal((layer, sharding), (part.Layer, part.Sharding));
    }

    [Fact]
    public async Task A_fused_projection_is_divided_by_its_heads()
    {
        // 6 query heads and one each of key and value: a quarter is keys and values.
        Assert.Equal(
            [new WeightPart(0, WeightSharding.Split, 36, new Bytes(72)), new WeightPart(0, WeightSharding.KeyValueHeads, 12, new Bytes(24))],
            await PartsAsync(("model.layers.0.self_attn.qkv_proj.weight", ElementType.BF16, [12, 4])));
    }

    [Theory]
    [InlineData("q_proj.qweight", ElementType.I32, new long[] { 8, 64 }, 4096, WeightSharding.Split)]
    [InlineData("q_proj.qzeros", ElementType.I32, new long[] { 1, 8 }, 0, WeightSharding.Split)]
    [InlineData("q_proj.weight_packed", ElementType.I32, new long[] { 64, 8 }, 4096, WeightSharding.Split)]
    [InlineData("q_proj.weight_packed", ElementType.U8, new long[] { 64, 32 }, 4096, WeightSharding.Split)]
    [InlineData("q_proj.weight", ElementType.F8E4M3, new long[] { 64, 64 }, 4096, WeightSharding.Split)]
    [InlineData("q_proj.weight_scale", ElementType.F32, new long[] { 1 }, 0, WeightSharding.Replicated)]
    [InlineData("q_proj.input_scale", ElementType.F32, new long[0], 0, WeightSharding.Replicated)]
    [InlineData("q_proj.weight_scale", ElementType.BF16, new long[] { 64, 1 }, 0, WeightSharding.Split)]
    [InlineData("o_proj.weight_scale", ElementType.BF16, new long[] { 64, 1 }, 0, WeightSharding.Replicated)]
    [InlineData("o_proj.weight_scale", ElementType.BF16, new long[] { 64, 4 }, 0, WeightSharding.Split)]
    [InlineData("k_proj.scales", ElementType.F16, new long[] { 4, 64 }, 0, WeightSharding.KeyValueHeads)]
    [InlineData("q_proj.weight", ElementType.U8, new long[] { 2048, 1 }, 4096, WeightSharding.Split)]
    [InlineData("q_proj.weight.absmax", ElementType.U8, new long[] { 64 }, 0, WeightSharding.Split)]
    [InlineData("q_proj.weight.quant_state.bitsandbytes__nf4", ElementType.U8, new long[] { 90 }, 0, WeightSharding.Replicated)]
    [InlineData("experts.gate_up_proj_blocks", ElementType.U8, new long[] { 16, 8, 1, 16 }, 4096, WeightSharding.Experts)]
    [InlineData("experts.gate_up_proj_scales", ElementType.U8, new long[] { 16, 8, 1 }, 0, WeightSharding.Experts)]
    public async Task Packed_weights_count_as_many_parameters_as_they_hold_and_scales_none(
        string name, ElementType type, long[] shape, long parameters, WeightSharding sharding)
    {
        WeightPart part = Assert.Single(await PartsAsync(
            ($"model.layers.0.self_attn.{name}", type, shape), Config.Replace("{\"model", "{\"quantization_config\":{\"quant_method\":\"gptq\",\"bits\":4},\"model", StringComparison.Ordinal)));

        Assert.Equal((parameters, type.SizeOf(shape.Aggregate(1L, (product, dimension) => product * dimension)), sharding), (part.Elements, part.Size, part.Sharding));
    }

    [Fact]
    public void Towers_of_Mistrals_own_format_are_whole_on_every_rank()
    {
        TransformerModel model = TransformerModelReader.FromParams("x", Encoding.UTF8.GetBytes(
            """
            {"dim":64,"n_layers":2,"head_dim":16,"hidden_dim":128,"n_heads":4,"n_kv_heads":2,"vocab_size":100,"max_seq_len":4096,
             "vision_encoder":{"hidden_size":32,"num_hidden_layers":2,"intermediate_size":64,"image_size":28,"patch_size":14,"num_attention_heads":2}}
            """));

        Assert.Equal([WeightSharding.Replicated], model.Weights.Where(part => part.Layer == WeightPart.Towers).Select(part => part.Sharding));
    }

    private static Task<IEnumerable<WeightPart>> PartsAsync((string Name, ElementType Type, long[] Shape) tensor) => PartsAsync(tensor, Config);

    private static async Task<IEnumerable<WeightPart>> PartsAsync((string Name, ElementType Type, long[] Shape) tensor, string config)
    {
        var folder = new MemoryFolder { ["config.json"] = Encoding.UTF8.GetBytes(config), ["model.safetensors"] = SafetensorsFile.Header([tensor]) };
        return (await TransformerModelReader.ReadAsync(folder, cancellationToken: TestContext.Current.CancellationToken)).Weights;
    }
}
