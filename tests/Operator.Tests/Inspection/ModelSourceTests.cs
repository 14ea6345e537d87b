using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;

namespace GpuStack.Operator.Tests.Inspection;

public class ModelSourceTests
{
    [Theory]
    [InlineData("Qwen/Qwen3-8B", null, false, true)]
    [InlineData("Qwen/Qwen3-8B", "model.safetensors", false, false)]
    [InlineData("Qwen/Qwen3-8B", "model.gguf", true, true)]
    [InlineData("Qwen/Qwen3-8B", "*Q4_K_M*.gguf", true, true)]
    [InlineData("Qwen/Qwen3-8B", "*Q4_K_M*", false, true)]
    [InlineData("Qwen/Qwen3-8B-GGUF", null, true, true)]
    [InlineData("qwen/qwen3-8b-gguf", "*Q4_K_M*", true, true)]
    [InlineData("unsloth/Qwen3-8B-GGUF", "BF16", true, true)]
    [InlineData("unsloth/Qwen3-8B-GGUF", "config.json", false, false)]
    public void The_names_tell_whether_a_source_is_of_GGUF_files(string repository, string? file, bool isGguf, bool mayBeGguf)
    {
        var hub = new ModelSourceSpec { HuggingFace = new HuggingFaceSource { Repository = repository, File = file } };
        var scope = new ModelSourceSpec { ModelScope = new ModelScopeSource { Repository = repository, File = file } };

        Assert.Equal((isGguf, mayBeGguf), (ModelSource.IsGguf(hub), ModelSource.MayBeGguf(hub)));
        Assert.Equal((isGguf, mayBeGguf), (ModelSource.IsGguf(scope), ModelSource.MayBeGguf(scope)));
        Assert.Equal(isGguf ? EngineType.LlamaCpp : EngineType.VLLM, ModelSource.Engine(new ModelDeploymentSpec { Model = hub }));
    }

    [Fact]
    public void A_url_of_another_file_may_be_no_GGUF() =>
        Assert.False(ModelSource.MayBeGguf(new ModelSourceSpec { Url = new UrlSource { Url = "https://example.com/model.bin" } }));

    [Fact]
    public void A_source_is_a_location()
    {
        Assert.Equal(
            ["hf://o/r/d/m.gguf@v1", "hf://o/r@main", "ms://o/r@master", "https://example.com/m.gguf"],
            ((ModelSourceSpec[])
            [
                new() { HuggingFace = new HuggingFaceSource { Repository = "o/r", File = "d/m.gguf", Revision = "v1" } },
                new() { HuggingFace = new HuggingFaceSource { Repository = "o/r" } },
                new() { ModelScope = new ModelScopeSource { Repository = "o/r" } },
                new() { Url = new UrlSource { Url = "https://example.com/m.gguf" } },
            ]).Select(source => ModelSource.Location(source).Text));
        Assert.Throws<InspectionFailedException>(() => ModelSource.Location(new ModelSourceSpec { Image = new ImageSource { Reference = "r/m" } }));
        Assert.Throws<InspectionFailedException>(() => ModelSource.Location(new ModelSourceSpec { Url = new UrlSource { Url = "ftp://example.com/m.gguf" } }));
    }

    [Fact]
    public void A_token_is_for_the_sources_own_hub()
    {
        var source = new ModelSourceSpec { ModelScope = new ModelScopeSource { Repository = "o/r" }, Mirrors = ["https://mirror.example.com", "no address"] };

        ModelHubSettings hubs = ModelSource.Hubs(source, new OperatorSettings(), "secret");

        Assert.Equal((null, "secret", null), (hubs.HuggingFaceToken, hubs.ModelScopeToken, hubs.AddressToken));
        Assert.Equal(["https://mirror.example.com/"], hubs.Mirrors.Select(mirror => mirror.AbsoluteUri));
    }

    [Theory]
    [InlineData("m.gguf", "https://hub/o/r/resolve/c1/other.gguf", "m.gguf")]
    [InlineData(null, "https://hub/o/r/resolve/c1/d/a%20b.gguf", "d/a b.gguf")]
    [InlineData("*Q8*", "https://hub/models/o/r/resolve/c1/m-Q8_0.gguf", "m-Q8_0.gguf")]
    [InlineData(null, "", null)]
    public void The_status_names_the_file_that_was_chosen(string? file, string address, string? expected) =>
        Assert.Equal(expected, ModelSource.FoundFile(new ModelSourceSpec { HuggingFace = new HuggingFaceSource { Repository = "o/r-GGUF", File = file } }, address));
}
