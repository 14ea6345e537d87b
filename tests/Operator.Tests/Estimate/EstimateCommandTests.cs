using System.Text.Json.Nodes;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Estimate;

public class EstimateCommandTests
{
    private static readonly string Models = Path.Combine(RepositoryRoot(), "samples", "models", "gpustack");
    private static readonly string Llama8B = Path.Combine(Models, "Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-Q4_K_M.gguf");
    private static readonly string DeepSeek = Path.Combine(Models, "DeepSeek-R1-GGUF", "DeepSeek-R1-IQ2_XXS.gguf");

    [Fact]
    public async Task Json_holds_every_device_in_order_and_the_host_last()
    {
        (int code, string output, string error) = await RunAsync(
            Llama8B, "--context", "8192", "--tensor-split", "2,1,1", "--rpc-devices", "1", "--output", "json");

        Assert.Equal((0, ""), (code, error));
        JsonObject estimate = JsonNode.Parse(output)!.AsObject();
        Assert.Equal("Llama 3.1 8B Instruct", (string?)estimate["model"]);
        Assert.Equal("llama", (string?)estimate["architecture"]);
        Assert.Equal(32, (int)estimate["layers"]!);
        Assert.Equal(1L << 30, (long)estimate["kvCacheBytes"]!);
        JsonNode[] devices = [.. estimate["devices"]!.AsArray().Select(device => device!)];
        Assert.Equal(["rpc", "gpu", "gpu", "host"], devices.Select(device => (string)device["kind"]!));
        Assert.Equal([0, 1, 2, null], devices.Select(device => (int?)device["index"]));
        Assert.DoesNotContain("index", devices[^1].AsObject().Select(field => field.Key));
        Assert.Equal("[[0,16],[17,24],[25,32],null]", new JsonArray([.. devices.Select(device => device["layers"]?.DeepClone())]).ToJsonString());
        Assert.Equal((long)estimate["totalBytes"]!, devices.Sum(device => (long)device["totalBytes"]!));
        Assert.All(devices, device => Assert.Equal(
            (long)device["totalBytes"]!,
            (long)device["weightBytes"]! + (long)device["kvCacheBytes"]! + (long)device["computeBytes"]! + (long)device["overheadBytes"]!));
    }

    [Fact]
    public async Task A_table_is_for_people()
    {
        (int code, string output, string error) = await RunAsync(DeepSeek, "--gpu-layers", "10", "--devices", "2");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("DeepSeek R1", output, StringComparison.Ordinal);
        Assert.Contains("gpu 1", output, StringComparison.Ordinal);
        Assert.Contains("host     0-51", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_devices_all_is_on_the_host()
    {
        (int code, string output, _) = await RunAsync(Llama8B, "--devices", "0", "--output", "json");

        Assert.Equal(0, code);
        JsonNode host = Assert.Single(JsonNode.Parse(output)!["devices"]!.AsArray())!;
        Assert.Equal("host", (string)host["kind"]!);
        Assert.Equal("[0,32]", host["layers"]!.ToJsonString());
    }

    [Theory]
    [InlineData("--engine", "VLLM", "is a GGUF file")]
    [InlineData("--engine", "SGLang", "name one, or leave --engine out")]
    [InlineData("--engine", "Ollama", "none of LlamaCpp, VLLM, SGLang")]
    [InlineData("--mmproj", "no-such-projector.gguf", "no-such-projector.gguf: there is no such file")]
    [InlineData("--draft", "no-such-draft.gguf", "no-such-draft.gguf: there is no such file")]
    [InlineData("--draft-gpu-layers", "2", "name one with --draft")]
    [InlineData("--tensor-parallel", "2", "is for vLLM")]
    [InlineData("--tp-size", "2", "--tensor-parallel is for vLLM")]
    [InlineData("--max-num-seqs", "2", "is for vLLM")]
    [InlineData("--kv-cache-dtype", "fp8", "is for vLLM")]
    [InlineData("--kv-cache-dtype", "q8_0", "none of auto, fp8")]
    [InlineData("--gpu-memory", "24Gi,24Gi,x", "'x' is neither a quantity like 24Gi nor a known GPU product")]
    [InlineData("--gpu-memory", "0", "is out of range")]
    [InlineData("--gpu-memory", "-1Gi", "is out of range")]
    [InlineData("--gpu-memory", "", "neither a quantity")]
    [InlineData("--reserve", "much", "'much' is no amount of memory")]
    [InlineData("--context", "0", "out of range")]
    [InlineData("--context", "abc", "'abc' is no whole number")]
    [InlineData("--context", "99999999999999999999", "is no whole number, or too large")]
    [InlineData("--devices", "4294967296", "is no whole number, or too large")]
    [InlineData("--devices", "1.5", "is no whole number")]
    [InlineData("--gpu-memory-utilization", "NaN", "is no number")]
    [InlineData("--tensor-split", "3e38,3e38", "give smaller ones")]
    [InlineData("--context", "99999999999", "2^31")]
    [InlineData("--parallel", "-1", "out of range")]
    [InlineData("--kv-type-k", "q3", "none of f16")]
    [InlineData("--tensor-split", "1,x", "'x' is no share")]
    [InlineData("--tensor-split", "0,0", "all shares are 0")]
    [InlineData("--rpc-devices", "2000", "--devices 2000")]
    [InlineData("--nonsense", "1", "nonsense")]
    public async Task A_wrong_call_ends_with_exit_code_2_and_a_sentence(string option, string value, string expected)
    {
        (int code, string output, string error) = await RunAsync(Llama8B, option, value, "--output", "json");

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_contradict_each_other_are_refused()
    {
        Assert.Contains("flash attention", (await RunAsync(Llama8B, "--kv-type-v", "q8_0", "--flash-attention", "off")).Error, StringComparison.Ordinal);
        Assert.Contains("names 2 devices", (await RunAsync(Llama8B, "--tensor-split", "1,1", "--devices", "3")).Error, StringComparison.Ordinal);
        Assert.Contains("--gpu-memory names 2 devices", (await RunAsync(Llama8B, "--gpu-memory", "24Gi,24Gi", "--devices", "3")).Error, StringComparison.Ordinal);
        Assert.Contains("but --devices is 0", (await RunAsync(Llama8B, "--gpu-memory", "24Gi", "--devices", "0")).Error, StringComparison.Ordinal);
        Assert.Contains("name one with --mmproj", (await RunAsync(Llama8B, "--no-mmproj-offload")).Error, StringComparison.Ordinal);
        Assert.Contains("is no multimodal projector", (await RunAsync(Llama8B, "--mmproj", Llama8B)).Error, StringComparison.Ordinal);
        Assert.Contains("counts RPC devices too", (await RunAsync(Llama8B, "--rpc-devices", "2", "--devices", "1")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-file.gguf", "no such file")]
    [InlineData("hf://owner", "expected is hf://owner/repo")]
    [InlineData("s3://bucket/model.gguf", "no location of a model")]
    public async Task A_model_that_is_none_is_named(string location, string expected)
    {
        (int code, _, string error) = await RunAsync(location);

        Assert.Equal(2, code);
        Assert.Contains(location, error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await GpuStackProgram.RunAsync(["estimate", .. arguments], "gpustack-operator", output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo directory = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "GpuStack.Operator.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("These tests run from within their repository.");
        }

        return directory.FullName;
    }
}
