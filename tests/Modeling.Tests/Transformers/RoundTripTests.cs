using System.Text;
using System.Text.Json;
using GpuStack.Modeling.Tests.Safetensors;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Transformers;

/// <summary>The weights that a configuration implies, written out as safetensors headers and read again.</summary>
public class RoundTripTests
{
    public static TheoryData<string> Configurations() => [.. Directory.EnumerateFiles(ModelConfigs.Directory, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order()];

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task Headers_give_the_weights_that_the_configuration_gives(string file)
    {
        byte[] config = await File.ReadAllBytesAsync(Path.Combine(ModelConfigs.Directory, file + ".json"), TestContext.Current.CancellationToken);
        var folder = new MemoryFolder
        {
            ["config.json"] = config,
            ["model.safetensors"] = SafetensorsFile.Header(SafetensorsFile.Expand(TransformerModelReader.Tensors(file, config))),
        };

        TransformerModel computed = TransformerModelReader.FromConfig(file, config);
        TransformerModel read = await TransformerModelReader.ReadAsync(folder, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(computed.Weights, read.Weights);
        Assert.Empty(read.Warnings);
        Assert.Equal("owner/model", read.Name);
    }

    [Fact]
    public async Task Shards_add_up_to_the_same_weights_as_one_file()
    {
        byte[] config = await File.ReadAllBytesAsync(
            Path.Combine(ModelConfigs.Directory, "meta-llama--Llama-3.2-1B-Instruct.json"), TestContext.Current.CancellationToken);
        (string Name, ElementType Type, long[] Shape)[] tensors = [.. SafetensorsFile.Expand(TransformerModelReader.Tensors("x", config))];
        var folder = new MemoryFolder { ["config.json"] = config };
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((int shard, (string Name, ElementType Type, long[] Shape)[] part) in tensors.Chunk(20).Index())
        {
            folder[$"model-{shard}.safetensors"] = SafetensorsFile.Header(part);
            foreach ((string name, _, _) in part)
            {
                map[name] = $"model-{shard}.safetensors";
            }
        }

        TransformerModel computed = TransformerModelReader.FromConfig("x", config);
        folder["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(
            $"{{\"metadata\":{{\"total_size\":{computed.WeightSize.Value}}},\"weight_map\":{JsonSerializer.Serialize(map)}}}");

        TransformerModel read = await TransformerModelReader.ReadAsync(folder, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(computed.Weights, read.Weights);
        Assert.Empty(read.Warnings);
    }
}
