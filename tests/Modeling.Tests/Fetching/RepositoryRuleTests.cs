using System.Collections.Immutable;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Modeling.Tests.Fetching;

public sealed class RepositoryRuleTests
{
    /// <summary>A repository with everything that such ones hold.</summary>
    internal static readonly string[] Repository =
    [
        .. Expected, ".gitattributes", ".cache/file", "original/consolidated.00.pth", "original/params.json", "pytorch_model-00001-of-00001.bin",
        "pytorch_model.bin.index.json", "onnx/model.onnx", "model.onnx", "metal/model.bin", "tf_model.h5", "flax_model.msgpack", "consolidated.safetensors",
        "consolidated.safetensors.index.json",
    ];

    internal static string[] Expected =>
    [
        "config.json", "generation_config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
        "tokenizer.json", "tokenizer_config.json", "params.json", "modeling_custom.py", "README.md", "LICENSE", "sub/preprocessor_config.json",
    ];

    [Fact]
    public void What_vLLM_and_SGLang_need_is_chosen() =>
        Assert.Equal(Expected, WholeRepository.Choose([.. Repository.Select(File)]).Select(file => file.Path));

    /// <summary>Mistral's own layout has no config.json; an embedding's folders hold safetensors of their own.</summary>
    [Theory]
    [InlineData("params.json consolidated.safetensors tekken.json", "params.json consolidated.safetensors tekken.json")]
    [InlineData("config.json consolidated-00001-of-00002.safetensors", "config.json consolidated-00001-of-00002.safetensors")]
    [InlineData("config.json model.safetensors 1_Pooling/config.json 2_Dense/model.safetensors", "config.json model.safetensors 1_Pooling/config.json 2_Dense/model.safetensors")]
    [InlineData("config.json model.safetensors model-Q4.gguf weights.pt", "config.json model.safetensors")]
    public void Special_layouts(string repository, string expected)
    {
        ImmutableArray<RepositoryFile> files = [.. repository.Split(' ').Select(File)];

        Assert.Equal(expected.Split(' '), WholeRepository.Choose(files).Select(file => file.Path));
    }

    private static RepositoryFile File(string path) => new(path, 1);
}
