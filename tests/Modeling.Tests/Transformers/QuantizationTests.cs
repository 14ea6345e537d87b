using System.Globalization;
using System.Text;
using GpuStack.Modeling.Tests.Safetensors;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Transformers;

public class QuantizationTests
{
    private const string Config = """
        {"model_type":"mixtral","hidden_size":256,"num_hidden_layers":3,"num_attention_heads":4,"num_key_value_heads":2,"intermediate_size":512,"vocab_size":1000,
         "num_local_experts":4,"num_experts_per_tok":2,"tie_word_embeddings":false,"torch_dtype":"bfloat16"}
        """;

    public static TheoryData<string, string, int, string, bool> Configurations()
    {
        var rows = new TheoryData<string, string, int, string, bool>();
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "cases", "quantizations.csv")).Skip(1))
        {
            string[] fields = line.Split('|');
            rows.Add(fields[0], fields[1], int.Parse(fields[2], CultureInfo.InvariantCulture), fields[3], bool.Parse(fields[4]));
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task A_quantized_model_has_as_many_parameters_in_fewer_bytes(string quantization, string method, int bits, string cache, bool upperBound)
    {
        TransformerModel plain = TransformerModelReader.FromConfig("x", Encoding.UTF8.GetBytes(Config));
        byte[] config = Quantized(quantization);
        TransformerModel model = TransformerModelReader.FromConfig("x", config);

        Assert.Equal((method, bits, cache, upperBound), (model.Quantization.ToString(), model.QuantizationBits, model.KvCacheType?.ToString() ?? "", model.UpperBound));
        Assert.Equal(plain.ParameterCount, model.ParameterCount);
        Assert.Equal(bits > 0, model.WeightSize < plain.WeightSize);

        // The same, written out as a header and read again.
        var folder = new MemoryFolder { ["config.json"] = config, ["model.safetensors"] = SafetensorsFile.Header(SafetensorsFile.Expand(TransformerModelReader.Tensors("x", config))) };
        TransformerModel read = await TransformerModelReader.ReadAsync(folder, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(model.Weights, read.Weights);
    }

    [Theory]
    [InlineData("""{"quant_method":"gptq","bits":4,"group_size":128}""", (256 * 256 / 2) + (2 * 256 / 2) + (2 * 256 * 2) + (256 * 4))]
    [InlineData("""{"quant_method":"awq","bits":4,"group_size":128}""", (256 * 256 / 2) + (2 * 256 / 2) + (2 * 256 * 2))]
    [InlineData("""{"quant_method":"fp8","weight_block_size":[128,128]}""", (256 * 256) + (2 * 2 * 4))]
    [InlineData("""{"quant_method":"modelopt","quant_algo":"NVFP4"}""", (256 * 256 / 2) + (256 * 16))]
    [InlineData("""{"quant_method":"bitsandbytes","load_in_4bit":true}""", (256 * 256 / 2) + (256 * 256 / 64 * 4))]
    public void Scales_and_zero_points_take_the_bytes_that_they_take(string quantization, long query)
    {
        TransformerModel model = TransformerModelReader.FromConfig("x", Quantized(quantization));

        // Query and output projections; the output's scales per tensor or channel are not divided.
        long divided = model.Weights.Single(part => part is { Layer: 0, Sharding: WeightSharding.Split }).Size.Value;
        Assert.Equal(2 * query, divided);
    }

    [Fact]
    public void Modules_that_are_left_alone_keep_their_type()
    {
        long All(string quantization) => TransformerModelReader.FromConfig("x", Quantized(quantization)).WeightSize.Value;
        const long attention = 3 * 256 * ((2 * 256) + (2 * 128));
        long none = All("""{"quant_method":"fbgemm_fp8"}""");
        long skipped = All("""{"quant_method":"fbgemm_fp8","modules_to_not_convert":["self_attn"]}""");

        // One byte more for each weight, and no F32 scale for each row.
        Assert.Equal(attention - (3 * 768 * 4), skipped - none);
        Assert.Equal(skipped, All("""{"quant_method":"fbgemm_fp8","modules_to_not_convert":["re:.*\\.self_attn\\..*"]}"""));
        Assert.Equal(skipped, All("""{"quant_method":"fbgemm_fp8","modules_to_not_convert":["model.layers.0.self_attn*","model.layers.1.self_attn.*","*.2.self_attn.?_proj*"]}"""));
        Assert.Equal(none, All("""{"quant_method":"fbgemm_fp8","modules_to_not_convert":["re:(","attn"]}"""));
    }

    [Fact]
    public void The_older_file_of_ModelOpt_is_read_beside_the_configuration()
    {
        TransformerModel model = TransformerModelReader.FromConfig(
            "x", Encoding.UTF8.GetBytes(Config), """{"producer":{"name":"modelopt"},"quantization":{"quant_algo":"FP8","kv_cache_quant_algo":"FP8"}}"""u8.ToArray());

        Assert.Equal((QuantizationMethod.ModelOpt, 8, ElementType.F8E4M3), (model.Quantization, model.QuantizationBits, model.KvCacheType));
    }

    [Fact]
    public void Mistrals_own_format_gives_the_same_model_as_its_twin()
    {
        TransformerModel twin = ModelConfigs.Read("mistralai/Mistral-Nemo-Instruct-2407");
        TransformerModel model = TransformerModelReader.FromParams("x", """
            {"dim":5120,"n_layers":40,"head_dim":128,"hidden_dim":14336,"n_heads":32,"n_kv_heads":8,"norm_eps":1e-05,"vocab_size":131072,"rope_theta":1000000.0,"max_seq_len":1024000}
            """u8.ToArray());

        Assert.Equal(twin with { Name = "x", Layers = model.Layers, Weights = model.Weights, Warnings = model.Warnings }, model);
        Assert.Equal(twin.Weights, model.Weights);
        Assert.Equal(twin.Layers, model.Layers);
    }

    [Fact]
    public void Mistrals_own_format_has_mixtures_scaling_quantization_and_towers()
    {
        TransformerModel model = TransformerModelReader.FromParams("x", """
            {"dim":256,"n_layers":2,"head_dim":64,"hidden_dim":512,"n_heads":4,"n_kv_heads":2,"vocab_size":1000,"tied_embeddings":false,
             "moe":{"num_experts":4,"num_experts_per_tok":2,"expert_hidden_dim":128},"yarn":{"factor":8,"original_max_position_embeddings":512},
             "quantization":{"qformat_weight":"fp8_e4m3","qscheme_act":"TENSOR"},
             "vision_encoder":{"hidden_size":32,"num_hidden_layers":2,"intermediate_size":64,"image_size":28,"patch_size":14,"num_attention_heads":2,"mm_projector_id":"patch_merge","spatial_merge_size":2,"add_pre_mm_projector_layer_norm":true}}
            """u8.ToArray());

        Assert.Equal((4, 2, 128), (model.ExpertCount, model.ExpertsPerToken, model.ExpertIntermediateSize));
        Assert.Equal((new Tokens(4096), QuantizationMethod.Fp8, "PixtralForConditionalGeneration"), (model.ContextLength, model.Quantization, model.Architecture));
        Assert.Contains(model.Weights, part => part.Layer == WeightPart.Towers);
        Assert.False(model.UpperBound);
    }

    private static byte[] Quantized(string quantization) =>
        Encoding.UTF8.GetBytes(Config.Replace("{\"model_type\"", $"{{\"quantization_config\":{quantization},\"model_type\"", StringComparison.Ordinal));
}
