using System.Globalization;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp.Projectors;

namespace GpuStack.Modeling.Tests.LlamaCpp.Projectors;

/// <summary>
/// Projectors against what llama-server (0.7.0, build 11669) logs when it loads one: "model size" and "compute buffer size".
/// </summary>
public class ProjectorCostsTests
{
    /// <summary>The log has two decimals.</summary>
    private const double Rounding = 0.0051;

    public static TheoryData<string> Cases =>
        [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "cases", "projectors.csv")).Skip(1)];

    private static ProjectorShape Gemma { get; } = new("gemma3", 1152, 4304, 27, 16, 896, 14, 256, 4, [], 0, 1);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Costs_are_what_llama_server_books(string row)
    {
        string[] fields = row.Split(',');
        ProjectorModel model = ProjectorModel.FromGguf(await ProjectorShape.Parse(fields).HeaderAsync());

        ProjectorCosts costs = ProjectorCosts.Create(model, flashAttention: fields[12] == "on");

        Assert.False(costs.UpperBound);
        Assert.Equal(double.Parse(fields[13], CultureInfo.InvariantCulture), costs.Weight.MiB, 0.01);
        Assert.Equal(double.Parse(fields[14], CultureInfo.InvariantCulture), costs.Compute.MiB, Rounding);
    }

    [Fact]
    public async Task Inputs_stay_on_the_host()
    {
        // Measured with the projector on an RPC device: 121.25 MiB there, 9.19 MiB on the CPU.
        ProjectorCosts costs = ProjectorCosts.Create(ProjectorModel.FromGguf(await Gemma.HeaderAsync()), flashAttention: true);

        Assert.Equal(121.25, costs.Compute.MiB, Rounding);
        Assert.Equal(9.19, costs.HostCompute.MiB, Rounding);
    }

    [Theory]
    [InlineData("mlp")]
    [InlineData("gemma3")]
    [InlineData("qwen2vl_merger")]
    [InlineData("pixtral")]
    [InlineData("internvl")]
    [InlineData("idefics3")]
    [InlineData("ultravox")]
    public async Task An_unknown_type_is_bounded_from_above(string type)
    {
        string[] row = Cases.Select(data => ((string)data.Data).Split(',')).First(fields => fields[0] == type);
        ProjectorModel model = ProjectorModel.FromGguf(await ProjectorShape.Parse(row).HeaderAsync());
        ProjectorModel unknown = model with { Towers = [model.Towers[0] with { Type = "of tomorrow", ImageSize = type is "qwen2vl_merger" ? 0 : model.Towers[0].ImageSize }] };

        foreach (bool flashAttention in (bool[])[true, false])
        {
            ProjectorCosts exact = ProjectorCosts.Create(model, flashAttention);
            ProjectorCosts bound = ProjectorCosts.Create(unknown, flashAttention);

            Assert.True(bound.UpperBound);
            Assert.Equal(exact.Weight, bound.Weight);
            Assert.True(bound.Compute >= exact.Compute, $"{bound.Compute} for {exact.Compute}");
        }
    }

    [Fact]
    public async Task Both_modalities_of_a_file_count()
    {
        GgufHeader header = await Gemma.HeaderAsync(writer =>
        {
            writer.Add("clip.has_audio_encoder", true);
            foreach ((string key, uint value) in new[] { ("embedding_length", 1280u), ("feed_forward_length", 5120u), ("block_count", 2u), ("attention.head_count", 20u), ("num_mel_bins", 128u) })
            {
                writer.Add("clip.audio." + key, value);
            }
        });

        ProjectorModel model = ProjectorModel.FromGguf(header);

        Assert.Equal([ProjectorModality.Vision, ProjectorModality.Audio], model.Towers.Select(tower => tower.Modality));
        Assert.True(ProjectorCosts.Create(model, flashAttention: true).Compute.MiB > 121.25);
    }

    [Theory]
    [InlineData("embedding_length", 0u, "no integer from 1")]
    [InlineData("block_count", 100_000u, "no integer from 0 to 512")]
    [InlineData("patch_size", 0u, "no integer from 1")]
    [InlineData("image_size", 16384u, "into patches of 1")]
    public async Task A_number_out_of_bounds_is_refused(string key, uint value, string expected)
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "clip");
        writer.Add("clip.has_vision_encoder", true);
        var numbers = new Dictionary<string, uint>(StringComparer.Ordinal)
        {
            ["embedding_length"] = 64,
            ["feed_forward_length"] = 64,
            ["block_count"] = 1,
            ["attention.head_count"] = 1,
            ["image_size"] = 64,
            ["patch_size"] = 1,
        };
        numbers[key] = value;
        foreach ((string name, uint number) in numbers)
        {
            writer.Add("clip.vision." + name, number);
        }

        GgufHeader header = await ReadAsync(writer);

        Assert.Contains(expected, Assert.Throws<GgufFormatException>(() => ProjectorModel.FromGguf(header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_language_model_is_no_projector()
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "llama");
        GgufHeader header = await ReadAsync(writer);

        Assert.Contains("is no multimodal projector", Assert.Throws<GgufFormatException>(() => ProjectorModel.FromGguf(header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_projector_without_encoders_or_numbers_is_refused()
    {
        var none = new GgufWriter();
        none.Add("general.architecture", "clip");
        none.Add("clip.has_vision_encoder", false);
        var bare = new GgufWriter();
        bare.Add("general.architecture", "clip");

        Assert.Contains("neither a vision nor an audio", await MessageAsync(none), StringComparison.Ordinal);
        Assert.Contains("has no 'clip.vision.patch_size'", await MessageAsync(bare), StringComparison.Ordinal);
    }

    private static async Task<string> MessageAsync(GgufWriter writer)
    {
        GgufHeader header = await ReadAsync(writer);
        return Assert.Throws<GgufFormatException>(() => ProjectorModel.FromGguf(header)).Message;
    }

    private static Task<GgufHeader> ReadAsync(GgufWriter writer) =>
        GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), cancellationToken: TestContext.Current.CancellationToken);
}
