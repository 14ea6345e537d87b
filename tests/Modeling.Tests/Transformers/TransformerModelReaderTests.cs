using System.Text;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Tests.Safetensors;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Transformers;

public class TransformerModelReaderTests
{
    private const string Config = """
        {"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,
         "num_key_value_heads":2,"intermediate_size":128,"vocab_size":100,"max_position_embeddings":512,"tie_word_embeddings":false,"torch_dtype":"bfloat16"}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_without_safetensors_has_its_weights_computed()
    {
        TransformerModel model = await TransformerModelReader.ReadAsync(new MemoryFolder { ["config.json"] = Bytes(Config) }, "tiny", cancellationToken: Token);

        Assert.Equal("tiny", model.Name);
        Assert.Equal(TransformerModelReader.FromConfig("tiny", Bytes(Config)).Weights, model.Weights);
        Assert.Equal(model.ParameterCount * 2, model.WeightSize.Value);
    }

    [Fact]
    public async Task Tensors_that_engines_do_not_load_do_not_count()
    {
        (string, ElementType, long[])[] tensors =
        [
            .. Tensors(), ("model.layers.2.mlp.up_proj.weight", ElementType.BF16, [128, 64]), ("mtp.fc.weight", ElementType.BF16, [64, 64]),
            ("model.layers.0.self_attn.rotary_emb.inv_freq", ElementType.F32, [8]),
        ];
        var folder = new MemoryFolder { ["config.json"] = Bytes(Config), ["model.safetensors"] = SafetensorsFile.Header(tensors) };

        TransformerModel model = await TransformerModelReader.ReadAsync(folder, cancellationToken: Token);

        Assert.Equal(TransformerModelReader.FromConfig("x", Bytes(Config)).Weights, model.Weights);
    }

    [Fact]
    public async Task Weights_of_32_bits_are_held_in_16()
    {
        var folder = new MemoryFolder
        {
            ["config.json"] = Bytes(Config.Replace("bfloat16", "float32", StringComparison.Ordinal)),
            ["model.safetensors"] = SafetensorsFile.Header(Tensors().Select(tensor => (tensor.Name, ElementType.F32, tensor.Shape))),
        };

        TransformerModel model = await TransformerModelReader.ReadAsync(folder, cancellationToken: Token);

        Assert.Equal(ElementType.BF16, model.DataType);
        Assert.Equal(TransformerModelReader.FromConfig("x", Bytes(Config)).Weights, model.Weights);
    }

    [Fact]
    public async Task A_head_that_is_the_embedding_counts_once()
    {
        string tied = Config.Replace("\"tie_word_embeddings\":false", "\"tie_word_embeddings\":true", StringComparison.Ordinal);
        var folder = new MemoryFolder { ["config.json"] = Bytes(tied), ["model.safetensors"] = SafetensorsFile.Header(Tensors()) };

        TransformerModel model = await TransformerModelReader.ReadAsync(folder, cancellationToken: Token);

        Assert.True(model.TiedEmbeddings);
        Assert.Equal(TransformerModelReader.FromConfig("x", Bytes(Config)).ParameterCount - 6400, model.ParameterCount);
    }

    [Fact]
    public async Task A_head_in_the_file_counts_where_the_configuration_does_not_say_that_it_is_tied()
    {
        string silent = Config.Replace("\"tie_word_embeddings\":false,", "", StringComparison.Ordinal).Replace("\"llama\"", "\"gemma\"", StringComparison.Ordinal)
            .Replace("\"num_attention_heads\"", "\"head_dim\":16,\"num_attention_heads\"", StringComparison.Ordinal);
        var folder = new MemoryFolder { ["config.json"] = Bytes(silent), ["model.safetensors"] = SafetensorsFile.Header(Tensors()) };

        TransformerModel model = await TransformerModelReader.ReadAsync(folder, cancellationToken: Token);

        Assert.False(model.TiedEmbeddings);
        Assert.Equal(TransformerModelReader.FromConfig("x", Bytes(Config)).Weights, model.Weights);
    }

    [Fact]
    public async Task What_is_odd_about_the_files_is_a_warning()
    {
        var folder = new MemoryFolder
        {
            ["config.json"] = Bytes(Config),
            ["model.safetensors.index.json"] = Bytes("""{"metadata":{"total_size":1},"weight_map":{"a":"m.safetensors"}}"""),
            ["m.safetensors"] = SafetensorsFile.Header(Tensors().Take(5)),
        };

        TransformerModel model = await TransformerModelReader.ReadAsync(folder, cancellationToken: Token);

        Assert.Equal(3, model.Warnings.Length);
        Assert.Contains(model.Warnings, warning => warning.Contains("states a total size of 1 bytes", StringComparison.Ordinal));
        Assert.Contains(model.Warnings, warning => warning.Contains("holds 5 tensors, where model.safetensors.index.json has 1", StringComparison.Ordinal));
        Assert.Contains(model.Warnings, warning => warning.Contains("where the configuration makes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_shard_is_an_error()
    {
        var folder = new MemoryFolder { ["config.json"] = Bytes(Config), ["model.safetensors.index.json"] = Bytes("""{"weight_map":{"a":"m.safetensors"}}""") };

        TransformerFormatException exception = await Assert.ThrowsAsync<TransformerFormatException>(() => TransformerModelReader.ReadAsync(folder, cancellationToken: Token));

        Assert.Equal("owner/model: model.safetensors.index.json names m.safetensors, but there is no such file; it is incomplete: download it again.", exception.Message);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("model.safetensors")]
    [InlineData("m.safetensors")]
    public async Task A_file_that_cannot_be_reached_is_an_error_never_no_weights(string path)
    {
        var folder = new MemoryFolder { ["config.json"] = Bytes(Config) };
        if (path == "m.safetensors")
        {
            folder["model.safetensors.index.json"] = Bytes("""{"weight_map":{"a":"m.safetensors"}}""");
        }

        folder[path] = null;

        ByteRangeException exception = await Assert.ThrowsAsync<ByteRangeException>(() => TransformerModelReader.ReadAsync(folder, cancellationToken: Token));

        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task Files_without_weights_of_the_model_are_an_error()
    {
        var folder = new MemoryFolder { ["config.json"] = Bytes(Config), ["model.safetensors"] = SafetensorsFile.Header([("mtp.fc.weight", ElementType.BF16, [8])]) };

        TransformerFormatException exception = await Assert.ThrowsAsync<TransformerFormatException>(() => TransformerModelReader.ReadAsync(folder, cancellationToken: Token));

        Assert.Contains("hold no weights of the model", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_header_names_its_file_and_reason()
    {
        var folder = new MemoryFolder { ["config.json"] = Bytes(Config), ["model.safetensors"] = [0, 1, 2] };

        await Assert.ThrowsAsync<SafetensorsFormatException>(() => TransformerModelReader.ReadAsync(folder, cancellationToken: Token));
    }

    [Fact]
    public async Task A_folder_without_a_configuration_is_refused()
    {
        TransformerFormatException exception = await Assert.ThrowsAsync<TransformerFormatException>(
            () => TransformerModelReader.ReadAsync(new MemoryFolder(), cancellationToken: Token));

        Assert.Equal("owner/model: holds neither config.json nor params.json; name the folder of a Hugging Face model.", exception.Message);
    }

    [Fact]
    public async Task A_configuration_beyond_the_limit_is_refused()
    {
        var folder = new MemoryFolder { ["config.json"] = Bytes(Config + new string(' ', 5000)) };

        TransformerFormatException exception = await Assert.ThrowsAsync<TransformerFormatException>(
            () => TransformerModelReader.ReadAsync(folder, limits: new() { ConfigBytes = 4096 }, cancellationToken: Token));

        Assert.Contains("is longer than the 4 KiB", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "holds no JSON object")]
    [InlineData("{", "is no valid JSON at line 1")]
    [InlineData("{}", "states no hidden_size")]
    [InlineData("""{"hidden_size":8,"vocab_size":8}""", "states no num_hidden_layers")]
    [InlineData("""{"hidden_size":8,"num_hidden_layers":1}""", "states no vocab_size")]
    [InlineData("""{"hidden_size":-8}""", "hidden_size is '-8', where 0 to 4194304 is expected")]
    [InlineData("""{"hidden_size":1.5}""", "hidden_size holds '1.5', where a whole number is expected")]
    [InlineData("""{"hidden_size":"8"}""", "hidden_size is the text '8', where a number is expected")]
    [InlineData("""{"hidden_size":8,"num_hidden_layers":100000000,"vocab_size":8}""", "num_hidden_layers is '100000000'")]
    [InlineData("""{"hidden_size":4194304,"num_hidden_layers":1024,"vocab_size":16777216,"num_attention_heads":8,"intermediate_size":4194304}""", "more than a petabyte")]
    [InlineData("""{"hidden_size":8,"num_hidden_layers":1,"vocab_size":8,"num_attention_heads":1,"max_position_embeddings":-5}""", "states a context of -5 tokens")]
    [InlineData("""{"hidden_size":8,"num_hidden_layers":1,"vocab_size":8,"model_type":"\ud800"}""", "no valid Unicode")]
    [InlineData("""{"hidden_size":8,"num_hidden_layers":2,"vocab_size":8,"model_type":"deci","block_configs":[{}]}""", "block_configs has 1 entries for 2 layers")]
    public void A_configuration_that_cannot_be_is_refused_with_the_reason(string json, string reason)
    {
        TransformerFormatException exception = Assert.Throws<TransformerFormatException>(() => TransformerModelReader.FromConfig("owner/model", Bytes(json)));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("owner/model/config.json: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_only_Python_knows_are_read_over()
    {
        string json = Config.Replace("{\"arch", "{\"time_step_limit\":[0.0,Infinity,-Infinity,NaN],\"text\":\"a \\\"Infinity\",\"arch", StringComparison.Ordinal);

        Assert.Equal(2, TransformerModelReader.FromConfig("x", Bytes(json)).Layers.Length);
    }

    [Fact]
    public void An_architecture_that_is_not_known_gets_an_upper_bound()
    {
        TransformerModel known = TransformerModelReader.FromConfig("x", Bytes(Config));
        TransformerModel unknown = TransformerModelReader.FromConfig("x", Bytes(Config.Replace("\"llama\"", "\"newer\"", StringComparison.Ordinal)));

        Assert.False(known.UpperBound);
        Assert.True(unknown.UpperBound);
        Assert.True(unknown.WeightSize > known.WeightSize);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static IEnumerable<(string Name, ElementType Type, long[] Shape)> Tensors() => SafetensorsFile.Expand(TransformerModelReader.Tensors("x", Bytes(Config)));
}
