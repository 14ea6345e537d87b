using GpuStack.Modeling.Facts;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Facts;

public class ModelFactsKeyTests
{
    [Fact]
    public void A_key_tells_apart_location_endpoint_mirror_token_and_kind()
    {
        ModelHubSettings settings = new() { HuggingFaceToken = "hf_secret" };
        ModelHubSettings login = new() { RegistryLogins = [new RegistryLogin { Registry = "r", User = "u", Secret = "s" }] };
        string[] keys =
        [
            Key("hf://o/r", settings),
            Key("hf://o/r@v1", settings),
            Key("hf://o/r", new ModelHubSettings()),
            Key("hf://o/r", settings with { HuggingFaceToken = "other" }),
            Key("hf://o/r", settings with { HuggingFaceEndpoint = new Uri("https://mirror.example.com") }),
            Key("hf://o/r", settings with { Mirrors = [new Uri("https://mirror.example.com")] }),
            Key("hf://o/r", settings, "vLLM"),
            Key("ms://o/r", settings),
            Key("ms://o/r", settings with { ModelScopeToken = "other" }),
            Key("https://example.com/m.gguf", settings),
            Key("https://example.com/m.gguf", settings with { AddressToken = "other" }),
            Key("oci://r/m", settings),
            Key("oci://r/m", login),
            Key("m.gguf", settings),
            Key("m.gguf", settings with { LocalRoot = "/mnt" }),
        ];

        Assert.Equal(keys.Length, keys.Distinct(StringComparer.Ordinal).Count());
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{64}$", key));
        Assert.Equal(keys[0], Key("hf://o/r", settings with { ModelScopeToken = "of no matter here" }));
    }

    private static string Key(string location, ModelHubSettings settings, string kind = "llama.cpp") => ModelFactsKey.Of(ModelLocation.Parse(location), settings, kind);
}
