using System.Text;
using System.Text.Json;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.LlamaCpp;

public class LlamaCppModelTests
{
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(SampleFiles.Directory, "*.gguf", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Facts_survive_json_in_less_than_four_kibibytes(string file)
    {
        LlamaCppModel model = await SampleFiles.ModelAsync(file);

        string json = model.ToJson();
        LlamaCppModel copy = LlamaCppModel.FromJson(json);

        Assert.InRange(Encoding.UTF8.GetByteCount(json), 1, 4096);
        Assert.Equal(json, copy.ToJson());
        var options = new LlamaCppOptions { ContextLength = new Tokens(8192) };
        Assert.Equal(
            LlamaCppCosts.Create(model, options).HostBytes(3, 2),
            LlamaCppCosts.Create(copy, options).HostBytes(3, 2));
    }

    [Fact]
    public async Task Facts_are_those_of_the_header()
    {
        LlamaCppModel model = await SampleFiles.ModelAsync("DeepSeek-R1-IQ2_XXS.gguf");

        Assert.Equal(("DeepSeek R1", "deepseek2", 61), (model.Name, model.Architecture, model.BlockCount));
        Assert.Equal(new LatentAttention(512, 64, 192, 128), model.LatentAttention);
        Assert.Equal((256, 8, 2048), (model.ExpertCount, model.ExpertUsedCount, model.ExpertFeedForwardLength));
        Assert.Equal(129280, model.VocabularySize);
        Assert.Equal(163840, model.ContextLength.Value);
        Assert.True(model.KnownArchitecture);
    }

    [Fact]
    public async Task An_unknown_architecture_is_estimated_and_marked()
    {
        LlamaCppModel model = await ModelShapes.ReadAsync("novel", 64, 100, ("block_count", 2), ("attention.head_count", 4), ("feed_forward_length", 128));
        MemoryEstimate estimate = LlamaCppCosts.Create(model, new LlamaCppOptions { ContextLength = new Tokens(512) })
            .Estimate(new DeviceSplit { LayersPerDevice = [3] });

        Assert.True(estimate.UpperBound);
        Assert.True(estimate.Total > estimate.Weight);
    }

    [Theory]
    [InlineData("general.architecture", "clip", "projector")]
    [InlineData("general.type", "mmproj", "projector")]
    public async Task A_projector_is_refused(string key, string value, string expected)
    {
        var writer = new GgufWriter();
        writer.Add(key, value);
        if (key != "general.architecture")
        {
            writer.Add("general.architecture", "llama");
        }

        Assert.Contains(expected, (await RefusalAsync(writer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_a_split_model_is_refused_with_what_to_do()
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "llama");
        writer.Add("split.count", 3u);

        Assert.Contains("split into 3 files", (await RefusalAsync(writer)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama.block_count", 0u)]
    [InlineData("llama.block_count", uint.MaxValue)]
    [InlineData("llama.attention.head_count_kv", uint.MaxValue)]
    [InlineData("llama.attention.key_length", uint.MaxValue)]
    public async Task A_fact_out_of_bounds_is_refused_by_its_key(string key, uint value)
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "llama");
        foreach (string name in (string[])["llama.block_count", "llama.embedding_length", "llama.attention.head_count"])
        {
            if (name != key)
            {
                writer.Add(name, 4u);
            }
        }

        writer.Add(key, value);
        writer.AddTensor("token_embd.weight", GgmlType.F32, 4, 4);

        Assert.Contains(key, (await RefusalAsync(writer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_without_tensors_is_refused()
    {
        GgufWriter writer = TwoBlocks();
        writer.AddTensor("blk.0.attn_q.weight", GgmlType.F32, 4, 4);

        Assert.Contains("has 2 blocks, but no tensor of block 1", (await RefusalAsync(writer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_fit_to_be_shown()
    {
        GgufWriter writer = TwoBlocks();
        writer.Add("general.name", "\u001b[2Jx\n" + new string('y', 1000));

        string name = LlamaCppModel.FromGguf(await HeaderAsync(writer)).Name;

        Assert.StartsWith("?[2Jx?y", name, StringComparison.Ordinal);
        Assert.Equal(200, name.Length);
    }

    private static GgufWriter TwoBlocks()
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "llama");
        writer.Add("llama.block_count", 2u);
        writer.Add("llama.embedding_length", 4u);
        writer.Add("llama.attention.head_count", 1u);
        writer.Add("llama.feed_forward_length", 4u);
        writer.AddTensor("token_embd.weight", GgmlType.F32, 4, 4);
        return writer;
    }

    [Fact]
    public void Facts_that_contradict_each_other_are_refused() =>
        Assert.Throws<JsonException>(() => LlamaCppModel.FromJson("""{"name":"x","architecture":"llama","blockCount":3,"layerWeights":[1]}"""));

    [Theory]
    [InlineData("\"blockShapeIndices\":[", "\"blockShapeIndices\":[7,")]
    [InlineData("\"blockShapeIndices\":[0,", "\"blockShapeIndices\":[7,")]
    [InlineData("\"blockShapeIndices\":[0,", "\"blockShapeIndices\":[-1,")]
    public async Task Facts_with_blocks_of_no_shape_are_refused(string right, string wrong)
    {
        string json = (await SampleFiles.ModelAsync("Llama-3.2-1B-Instruct-Q8_0.gguf")).ToJson();
        string damaged = json.Replace(right, wrong, StringComparison.Ordinal);

        Assert.NotEqual(json, damaged);
        Assert.Throws<JsonException>(() => LlamaCppModel.FromJson(damaged));
    }

    private static async Task<GgufFormatException> RefusalAsync(GgufWriter writer)
    {
        GgufHeader header = await HeaderAsync(writer);
        return Assert.Throws<GgufFormatException>(() => LlamaCppModel.FromGguf(header));
    }

    private static Task<GgufHeader> HeaderAsync(GgufWriter writer) =>
        GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), cancellationToken: TestContext.Current.CancellationToken);
}
