using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Sources;

public class ModelLocationTests
{
    private static readonly ModelHubSettings Settings = ModelHubSettings.FromEnvironment(
        name => name switch { "HF_ENDPOINT" => "http://mirror.local:8080/hf/", "HF_TOKEN" => "hf_secret", _ => null });

    [Theory]
    [InlineData("hf://gpustack/Llama-GGUF/Llama-Q4_K_M.gguf", "http://mirror.local:8080/hf/gpustack/Llama-GGUF/resolve/main/Llama-Q4_K_M.gguf")]
    [InlineData("hf://o/r/dir/a b.gguf@v1", "http://mirror.local:8080/hf/o/r/resolve/v1/dir/a%20b.gguf")]
    [InlineData("hf://o/r/f.gguf@refs/pr/1", "http://mirror.local:8080/hf/o/r/resolve/refs%2Fpr%2F1/f.gguf")]
    [InlineData("ms://o/r/f.gguf", "https://www.modelscope.cn/models/o/r/resolve/master/f.gguf")]
    [InlineData("https://example.com/f.gguf?x=1", "https://example.com/f.gguf?x=1")]
    public void An_address_is_found(string text, string expected)
    {
        Assert.True(ModelLocation.Parse(text).TryGetAddress(Settings, out Uri? address));
        Assert.Equal(expected, address.AbsoluteUri);
    }

    [Theory]
    [InlineData("hf://o/r", null, null, "main")]
    [InlineData("hf://o/r/", null, null, "main")]
    [InlineData("hf://o/r:Q4_K_M", null, "Q4_K_M", "main")]
    [InlineData("hf://o/r:UD-Q4_K_XL@v1", null, "UD-Q4_K_XL", "v1")]
    [InlineData("ms://o/r/*Q8_0*.gguf", "*Q8_0*.gguf", null, "master")]
    [InlineData("hf://o/r/dir", "dir", null, "main")]
    public void A_repository_is_named_with_quantization_pattern_or_folder(string text, string? file, string? quantization, string revision)
    {
        ModelLocation location = ModelLocation.Parse(text);

        Assert.Equal(("o/r", file, quantization, revision, false), (location.Repository, location.File, location.Quantization, location.Revision, location.NamesFile));
        using var client = new HttpClient();
        if (file != "dir")
        {
            Assert.Contains("no single file", Assert.Throws<ByteRangeException>(() => location.Open(client, Settings)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("oci://docker.io/ai/smollm2:135M-Q4_0", "docker.io", "ai/smollm2", "135M-Q4_0", null)]
    [InlineData("oci://localhost:5000/model", "localhost:5000", "model", "latest", null)]
    [InlineData("oci://[::1]:5000/a/b/c:v1#dir/m.gguf", "[::1]:5000", "a/b/c", "v1", "dir/m.gguf")]
    [InlineData("oci://r.example.com/m:v1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef#/m.gguf", "r.example.com", "m", "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "m.gguf")]
    public void An_artifact_of_a_registry_is_named_by_tag_or_digest(string text, string registry, string repository, string revision, string? file)
    {
        ModelLocation location = ModelLocation.Parse(text);

        Assert.Equal((registry, repository, revision, file), (location.Registry, location.Repository, location.Revision, location.File));
        Assert.Equal(revision.StartsWith("sha256", StringComparison.Ordinal), location.IsImmutable);
        Assert.False(location.TryGetAddress(Settings, out _));
    }

    [Fact]
    public void A_commit_cannot_change() =>
        Assert.Equal([true, false], ((string[])["hf://o/r@0123456789abcdef0123456789abcdef01234567", "hf://o/r@main"]).Select(text => ModelLocation.Parse(text).IsImmutable));

    [Theory]
    [InlineData("model.gguf")]
    [InlineData("/models/a@b.gguf")]
    [InlineData("C:\\models\\a.gguf")]
    public void A_path_is_a_local_file(string text)
    {
        ModelLocation location = ModelLocation.Parse(text);

        Assert.Equal(ModelLocationKind.File, location.Kind);
        Assert.False(location.TryGetAddress(Settings, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hf://")]
    [InlineData("hf://owner")]
    [InlineData("hf://owner//file")]
    [InlineData("hf://owner/repo:")]
    [InlineData("hf://owner/repo:Q4_K_M/file.gguf")]
    [InlineData("hf://owner/*")]
    [InlineData("oci://")]
    [InlineData("oci://registry.example.com")]
    [InlineData("oci://registry.example.com/")]
    [InlineData("oci://registry.example.com/Model")]
    [InlineData("oci://registry.example.com/../model")]
    [InlineData("oci://user:secret@registry.example.com/model")]
    [InlineData("oci://registry.example.com/model@sha256:12")]
    [InlineData("oci://registry.example.com/model:a b")]
    [InlineData("oci://registry.example.com/model#../x")]
    [InlineData("hf://owner/repo/../file")]
    [InlineData("hf://owner/repo/file@")]
    [InlineData("hf://owner/repo/file?x=1")]
    [InlineData("s3://bucket/file")]
    [InlineData("https://")]
    public void What_is_no_location_is_refused(string text) => Assert.Throws<FormatException>(() => ModelLocation.Parse(text));

    [Fact]
    public void A_password_in_an_address_is_refused_without_repeating_it()
    {
        var exception = Assert.Throws<FormatException>(() => ModelLocation.Parse("https://user:secret@example.com/f"));

        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_in_no_text()
    {
        Assert.DoesNotContain("hf_secret", Settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", new HttpByteRangeOptions { Token = "hf_secret" }.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HF_TOKEN=a HUGGING_FACE_HUB_TOKEN=b", "a")]
    [InlineData("HUGGING_FACE_HUB_TOKEN=b", "b")]
    [InlineData("MODELSCOPE_API_TOKEN=b", null)]
    public void Tokens_come_from_the_variables_of_the_hubs_tools(string variables, string? expected) =>
        Assert.Equal(expected, ModelHubSettings.FromEnvironment(Variables(variables)).HuggingFaceToken);

    [Theory]
    [InlineData("HF_TOKEN_PATH=/t HF_HOME=/h HOME=/u", "/t")]
    [InlineData("HF_HOME=/h HOME=/u", "/h/token")]
    [InlineData("XDG_CACHE_HOME=/c HOME=/u", "/c/huggingface/token")]
    [InlineData("HOME=/u", "/u/.cache/huggingface/token")]
    [InlineData("", null)]
    public void A_token_file_is_where_the_hubs_tools_keep_it(string variables, string? expected) =>
        Assert.Equal(expected, ModelHubSettings.HuggingFaceTokenFile(Variables(variables)));

    [Fact]
    public void An_endpoint_that_is_no_address_is_refused() =>
        Assert.Throws<FormatException>(() => ModelHubSettings.FromEnvironment(name => name == "HF_ENDPOINT" ? "mirror" : null));

    [Fact]
    public async Task The_settings_token_goes_to_the_hub_and_nowhere_else()
    {
        await using WebServer hub = await WebServer.StartAsync(WebServer.File([1, 2, 3]));
        await using WebServer other = await WebServer.StartAsync(WebServer.File([1, 2, 3]));
        using var client = new HttpClient(HttpByteRangeSource.CreateHandler());
        var settings = new ModelHubSettings { HuggingFaceEndpoint = hub.Address, HuggingFaceToken = "hf_secret" };

        foreach (string text in (string[])["hf://o/r/f.gguf", new Uri(other.Address, "f.gguf").AbsoluteUri])
        {
            await using IByteRangeSource source = ModelLocation.Parse(text).Open(client, settings);
            await source.ReadAsync(0, new byte[3], TestContext.Current.CancellationToken);
        }

        Assert.Equal(("/o/r/resolve/main/f.gguf", "Bearer hf_secret"), hub.Requests.Select(request => (request.Path, request.Authorization)).Single());
        Assert.Empty(Assert.Single(other.Requests).Authorization);
    }

    [Fact]
    public void A_file_that_is_not_there_says_so()
    {
        using var client = new HttpClient();
        ModelLocation location = ModelLocation.Parse("no-such-file.gguf");

        Assert.Contains("no such file", Assert.Throws<ByteRangeException>(() => location.Open(client, Settings)).Message, StringComparison.Ordinal);
    }

    private static Func<string, string?> Variables(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal).GetValueOrDefault;
}
