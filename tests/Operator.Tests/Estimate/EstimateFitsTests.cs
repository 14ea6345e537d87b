using System.Text.Json.Nodes;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Commands.Estimate;
using GpuStack.Simulator.Hub;

namespace GpuStack.Operator.Tests.Estimate;

/// <summary><c>estimate</c> for llama.cpp: parts, what fits, and the table.</summary>
public sealed class EstimateFitsTests : IDisposable
{
    private static readonly string Llama70B = EstimateRun.Sample("Llama-3.3-70B-Instruct-GGUF", "Llama-3.3-70B-Instruct-Q4_K_M.gguf");
    private static readonly string Llama1B = EstimateRun.Sample("Llama-3.2-1B-Instruct-GGUF", "Llama-3.2-1B-Instruct-Q8_0.gguf");
    private static readonly string Llama8B = EstimateRun.Sample("Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-F16.gguf");
    private readonly string _directory = Directory.CreateTempSubdirectory("estimate-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_split_that_fits_is_found()
    {
        JsonObject json = await EstimateRun.JsonAsync(Llama70B, "--gpu-memory", "16Gi,40Gi", "--reserve", "1Gi");

        JsonNode fits = json["fits"]!;
        Assert.True((bool)fits["fits"]!);
        Assert.Equal([16L << 30, 40L << 30], fits["gpuMemoryBytes"]!.AsArray().Select(memory => (long)memory!));
        Assert.All(json["devices"]!.AsArray().Zip(fits["gpuMemoryBytes"]!.AsArray()), pair =>
            Assert.True((long)pair.First!["totalBytes"]! <= (long)pair.Second! - (1L << 30)));
        Assert.Equal(0, (long)fits["largestContext"]! % 256);
        Assert.True((long)fits["largestContext"]! >= 8192);
        Assert.Equal(81, fits["largestContextSplit"]!.AsArray().Sum(layers => (int)layers!));
        Assert.Equal("Q5_K_M", (string?)fits["bestQuantization"]);
        Assert.Equal("IQ2_XXS", (string?)fits["smallestQuantization"]);
        Assert.Null(fits["gpuLayers"]);
    }

    [Fact]
    public async Task What_does_not_fit_is_offloaded_as_far_as_it_does()
    {
        JsonObject json = await EstimateRun.JsonAsync(Llama8B, "--gpu-memory", "RTX-3080", "--parallel", "2");

        JsonNode fits = json["fits"]!;
        Assert.False((bool)fits["fits"]!);
        Assert.InRange((int)fits["gpuLayers"]!, 8, 20);
        Assert.Null(fits["largestContext"]);
        Assert.Equal(["Q8_0", "Q6_K"], fits["quantizations"]!.AsArray().Take(2).Select(one => (string)one!["quantization"]!));
        Assert.All(fits["quantizations"]!.AsArray(), one => Assert.True((bool)one!["approximate"]!));
    }

    [Fact]
    public async Task A_projector_and_a_draft_are_parts()
    {
        JsonObject json = await EstimateRun.JsonAsync(
            Llama70B, "--draft", Llama1B, "--mmproj", Projector("mlp"), "--rpc-devices", "1", "--devices", "2", "--draft-kv-type-k", "q8_0");

        JsonNode[] parts = [.. json["parts"]!.AsArray().Select(part => part!)];
        Assert.Equal(["model", "projector", "draft"], parts.Select(part => (string)part["part"]!));
        Assert.Equal(["llama", "mlp", "llama"], parts.Select(part => (string)part["architecture"]!));
        Assert.Equal(0, (long)parts[1]["devices"]![0]!["totalBytes"]!);
        Assert.True((long)parts[1]["devices"]![1]!["weightBytes"]! > 0);
        Assert.Null(json["upperBound"]);
    }

    [Fact]
    public async Task A_projector_on_the_host_or_of_an_unknown_kind_says_so()
    {
        JsonObject json = await EstimateRun.JsonAsync(Llama1B, "--mmproj", Projector("of-tomorrow"), "--no-mmproj-offload");

        Assert.True((bool)json["upperBound"]!);
        Assert.Equal(0, (long)json["parts"]![1]!["devices"]![0]!["totalBytes"]!);
        (_, string table, _) = await EstimateRun.RunAsync(Llama1B, "--mmproj", Projector("of-tomorrow"));
        Assert.Contains("not checked on the architecture of-tomorrow", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_shows_bars_margins_and_verdicts()
    {
        (int code, string table, string error) = await EstimateRun.RunAsync(Llama70B, "--gpu-memory", "24Gi,24Gi", "--draft", Llama1B);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("gpu 0   [####", table, StringComparison.Ordinal);
        Assert.Contains("of 24.0 GiB", table, StringComparison.Ordinal);
        Assert.Contains("draft Llama 3.2 1B Instruct (llama): gpu 0", table, StringComparison.Ordinal);
        Assert.Contains("a margin for the GPU process's context", table, StringComparison.Ordinal);
        Assert.Contains("fits, with 1.0 GiB of each device in reserve", table, StringComparison.Ordinal);
        Assert.Contains("largest context: ", table, StringComparison.Ordinal);
        Assert.Contains("best that fits Q4_K_M", table, StringComparison.Ordinal);

        (_, table, _) = await EstimateRun.RunAsync(Llama8B, "--gpu-memory", "2Gi");
        Assert.Contains("too much", table, StringComparison.Ordinal);
        Assert.Contains("does not fit", table, StringComparison.Ordinal);
        Assert.Contains("quantizations: none fits; the smallest, IQ2_XXS", table, StringComparison.Ordinal);

        (_, table, _) = await EstimateRun.RunAsync(Llama1B, "--gpu-memory", "H100");
        Assert.Contains("131072 per request, the model's own", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_lists_its_models()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using ModelHubHost hub = await ModelHubHost.StartAsync(new ModelHubOptions { Directory = Path.Combine(Inputs.Root, "samples", "models") }, token);
        using var error = new StringWriter();

        ReadModel model = await ModelLocations.ReadAsync(
            "hf://gpustack/Llama-3.1-8B-Instruct-GGUF:f16", null, () => new ModelHubSettings { HuggingFaceEndpoint = hub.Url }, error, token);

        Assert.Equal("Reading hf://gpustack/Llama-3.1-8B-Instruct-GGUF:f16", error.ToString().TrimEnd());
        Assert.Equal(["F16", "Q4_K_M"], model.Variants.Select(variant => variant.Quantization!).Order());
        Assert.Equal(32, ModelLocations.LlamaCpp(model).BlockCount);
    }

    private string Projector(string type)
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "clip");
        writer.Add("clip.has_vision_encoder", true);
        writer.Add("clip.projector_type", type);
        foreach ((string key, uint value) in new[]
        {
            ("embedding_length", 64u), ("feed_forward_length", 128u), ("block_count", 3u), ("attention.head_count", 4u), ("image_size", 56u), ("patch_size", 14u),
        })
        {
            writer.Add("clip.vision." + key, value);
        }

        writer.AddTensor("v.patch_embd.weight", GgmlType.F16, 14, 14, 3, 64);
        writer.AddTensor("mm.0.weight", GgmlType.F16, 64, 2048);
        writer.AddTensor("mm.2.weight", GgmlType.F16, 2048, 2048);
        string path = Path.Combine(_directory, $"mmproj-{type}.gguf");
        File.WriteAllBytes(path, writer.ToHeader());
        return path;
    }
}
