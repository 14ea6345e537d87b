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
    [InlineData("ms://o/r/f.gguf", "https://modelscope.cn/models/o/r/resolve/master/f.gguf")]
    [InlineData("https://example.com/f.gguf?x=1", "https://example.com/f.gguf?x=1")]
    public void An_address_is_found(string text, string expected)
    {
        Assert.True(ModelLocation.Parse(text).TryGetAddress(Settings, out Uri? address));
        Assert.Equal(expected, address.AbsoluteUri);
    }

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
    [InlineData("hf://owner/repo")]
    [InlineData("hf://owner//file")]
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
}
