using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GpuStack.Operator.Tests.Estimate;

/// <summary><c>estimate</c> for vLLM and SGLang, of a folder of safetensors.</summary>
public sealed class ServingEstimateTests : IDisposable
{
    private const int Layers = 4;
    private readonly string _directory = Directory.CreateTempSubdirectory("small-llama-").FullName;

    public ServingEstimateTests()
    {
        File.WriteAllText(Path.Combine(_directory, "config.json"), $$"""
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": {{Layers}},
             "num_attention_heads": 8, "num_key_value_heads": 4, "vocab_size": 32000, "max_position_embeddings": 16384, "torch_dtype": "bfloat16",
             "rms_norm_eps": 1e-5, "tie_word_embeddings": false}
            """);
        WriteWeights(Path.Combine(_directory, "model.safetensors"));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_folder_is_for_vllm_unless_told_otherwise()
    {
        JsonObject json = await EstimateRun.JsonAsync(_directory, "--gpu-memory", "L4", "--context", "4096", "--parallel", "8");

        Assert.Equal("VLLM", (string?)json["engine"]);
        Assert.Equal("LlamaForCausalLM", (string?)json["architecture"]);
        Assert.Equal(8L * 4096 * Layers * 2 * 4 * 64 * 2, (long)json["kvCacheBytes"]!);
        Assert.True((long)json["kvCacheTokens"]! > 8 * 4096);
        Assert.Equal(16384, (long)json["largestContext"]!);
        Assert.True((double)json["maxConcurrency"]! > 8);
        Assert.True((bool)json["fits"]!["fits"]!);
    }

    [Fact]
    public async Task Ranks_are_devices()
    {
        JsonObject json = await EstimateRun.JsonAsync(
            _directory, "--engine", "SGLang", "--gpu-memory", "24Gi", "--tp-size", "2", "--pp-size", "2", "--mem-fraction-static", "0.8",
            "--kv-cache-dtype", "fp8", "--disable-cuda-graph", "--max-running-requests", "4", "--chunked-prefill-size", "2048");

        Assert.Equal("SGLang", (string?)json["engine"]);
        Assert.Equal(["gpu", "gpu", "gpu", "gpu", "host"], json["devices"]!.AsArray().Select(device => (string)device!["kind"]!));
        Assert.Equal("[[0,1],[0,1],[2,3],[2,3],null]", new JsonArray([.. json["devices"]!.AsArray().Select(device => device!["layers"]?.DeepClone())]).ToJsonString());
        Assert.Equal(4, json["kvCachePoolBytes"]!.AsArray().Count);
    }

    [Fact]
    public async Task Without_a_gpu_nothing_is_said_about_what_fits()
    {
        JsonObject json = await EstimateRun.JsonAsync(_directory, "--engine", "VLLM", "--engine-version", "0.11.0", "--enforce-eager", "--quantization", "fp8");

        Assert.Equal("0.11.0", (string?)json["engineVersion"]);
        Assert.True((bool)json["gpuMemoryAssumed"]!);
        Assert.Null(json["kvCacheTokens"]);
        (_, string table, _) = await EstimateRun.RunAsync(_directory);
        Assert.Contains("name yours with --gpu-memory", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_says_what_fits()
    {
        (int code, string table, string error) = await EstimateRun.RunAsync(_directory, "--gpu-memory", "24Gi");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("gpu 0   [", table, StringComparison.Ordinal);
        Assert.Contains("\nfits", table, StringComparison.Ordinal);
        Assert.Contains("largest request: 16384 tokens", table, StringComparison.Ordinal);

        (_, table, _) = await EstimateRun.RunAsync(_directory, "--gpu-memory", "24Gi", "--parallel", "100000");
        Assert.Contains("does not fit: 100000 requests", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_architecture_that_is_not_known_is_an_upper_bound_with_its_weights_too()
    {
        string config = Path.Combine(_directory, "config.json");
        await File.WriteAllTextAsync(
            config,
            (await File.ReadAllTextAsync(config, TestContext.Current.CancellationToken)).Replace("Llama", "Newer", StringComparison.Ordinal).Replace("llama", "newer", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        Assert.True((bool)(await EstimateRun.JsonAsync(_directory, "--gpu-memory", "24Gi"))["upperBound"]!);
    }

    [Fact]
    public async Task Without_a_context_the_engine_is_asked_for_the_one_that_the_answer_is_about()
    {
        JsonObject silent = await EstimateRun.JsonAsync(_directory, "--gpu-memory", "24Gi");
        JsonObject given = await EstimateRun.JsonAsync(_directory, "--gpu-memory", "24Gi", "--context", "8192");

        Assert.Equal(given.ToJsonString(), silent.ToJsonString());
    }

    [Theory]
    [InlineData("--tensor-parallel", "3", "which 3 tensor-parallel ranks do not divide")]
    [InlineData("--pipeline-parallel", "9", "too few for 9 pipeline stages")]
    [InlineData("--gpu-memory-utilization", "1.5", "gpu_memory_utilization is 1.5")]
    [InlineData("--gpu-memory", "24Gi,48Gi", "need GPUs of one kind")]
    [InlineData("--gpu-memory", "24Gi,24Gi", "names 2 GPUs, but tensor times pipeline parallel is 1")]
    [InlineData("--engine-version", "newest", "'newest' is no release")]
    [InlineData("--ubatch", "256", "--ubatch is for llama.cpp")]
    [InlineData("--mmproj", "x.gguf", "--mmproj is for llama.cpp")]
    [InlineData("--reserve", "2Gi", "--reserve is for llama.cpp")]
    [InlineData("--engine", "LlamaCpp", "there is no GGUF model")]
    public async Task A_wrong_call_ends_with_exit_code_2_and_a_sentence(string option, string value, string expected)
    {
        (int code, string output, string error) = await EstimateRun.RunAsync(_directory, option, value, "--output", "json");

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>A safetensors file with the tensors of the configuration; its data is a hole.</summary>
    private static void WriteWeights(string path)
    {
        List<(string Name, int[] Shape)> tensors = [("model.embed_tokens.weight", [32000, 512]), ("lm_head.weight", [32000, 512]), ("model.norm.weight", [512])];
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = string.Create(CultureInfo.InvariantCulture, $"model.layers.{layer}.");
            tensors.AddRange(
            [
                (prefix + "input_layernorm.weight", [512]), (prefix + "post_attention_layernorm.weight", [512]),
                (prefix + "self_attn.q_proj.weight", [512, 512]), (prefix + "self_attn.k_proj.weight", [256, 512]),
                (prefix + "self_attn.v_proj.weight", [256, 512]), (prefix + "self_attn.o_proj.weight", [512, 512]),
                (prefix + "mlp.gate_proj.weight", [1024, 512]), (prefix + "mlp.up_proj.weight", [1024, 512]), (prefix + "mlp.down_proj.weight", [512, 1024]),
            ]);
        }

        var header = new JsonObject();
        long offset = 0;
        foreach ((string name, int[] shape) in tensors)
        {
            long end = offset + (2 * shape.Aggregate(1L, (product, size) => product * size));
            header[name] = new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode?)size)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        byte[] text = Encoding.UTF8.GetBytes(header.ToJsonString());
        using FileStream file = File.Create(path);
        file.Write(BitConverter.GetBytes((long)text.Length));
        file.Write(text);
        file.SetLength(sizeof(long) + text.Length + offset);
    }
}
