using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Hubs;

public sealed class LocalRepositoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("models").FullName;
    private readonly HttpClient _client = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_file_and_a_directory_are_opened()
    {
        string file = Write("claim/q/m-Q4_K_M.gguf");
        Write("claim/q/m-Q8_0.gguf");
        Write("claim/config.json");

        foreach (string path in (string[])[file, Path.Combine(_root, "claim")])
        {
            await using OpenedModel model = await OpenAsync(path);
            await using IByteRangeSource source = await model.OpenGgufAsync(Token);

            Assert.Equal((4, 4L, "Q4_K_M"), (await source.ReadAsync(0, new byte[9], Token), model.Gguf!.Size, model.Gguf.Quantization));
        }

        Assert.Null(await (await OpenAsync(Path.Combine(_root, "claim"))).OpenAsync("absent", Token));
    }

    [Fact]
    public async Task Links_are_followed_as_the_caches_of_hubs_need()
    {
        Write("blobs/abc");
        Directory.CreateDirectory(Path.Combine(_root, "snapshot"));
        File.CreateSymbolicLink(Path.Combine(_root, "snapshot", "m.gguf"), "../blobs/abc");

        await using OpenedModel model = await OpenAsync(Path.Combine(_root, "snapshot"));

        Assert.Equal(("m.gguf", 4L), (model.Gguf!.Path, model.Gguf.Size));
    }

    [Theory]
    [InlineData("m.gguf", null)]
    [InlineData("/sub/inner.gguf", null)]
    [InlineData("sub", null)]
    [InlineData("../outside.gguf", "leads out of")]
    [InlineData("sub/../../outside.gguf", "leads out of")]
    [InlineData("link.gguf", "leads out of")]
    [InlineData("linked", "leads out of")]
    [InlineData("linked/outside.gguf", "leads out of")]
    [InlineData("circle.gguf", "links lead on to one another")]
    [InlineData("absent.gguf", "no such file")]
    public async Task Nothing_outside_of_a_mounted_claim_is_read(string path, string? refusal)
    {
        Write("outside.gguf");
        Write("claim/m.gguf");
        Write("claim/sub/inner.gguf");
        File.CreateSymbolicLink(Path.Combine(_root, "claim", "link.gguf"), "../outside.gguf");
        File.CreateSymbolicLink(Path.Combine(_root, "claim", "circle.gguf"), "circle.gguf");
        Directory.CreateSymbolicLink(Path.Combine(_root, "claim", "linked"), _root);
        var opener = new ModelOpener(_client, new ModelHubSettings { LocalRoot = Path.Combine(_root, "claim") });

        Task<OpenedModel> opening = opener.OpenAsync(ModelLocation.Parse(path), null, Token);

        if (refusal is null)
        {
            await using OpenedModel model = await opening;
            Assert.Equal(ModelFormat.Gguf, model.Format);
        }
        else
        {
            Assert.Contains(refusal, (await Assert.ThrowsAsync<ByteRangeException>(() => opening)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_link_inside_of_a_mounted_directory_is_refused_when_it_is_opened()
    {
        Write("outside.json");
        Write("claim/m.gguf");
        File.CreateSymbolicLink(Path.Combine(_root, "claim", "config.json"), "../outside.json");
        await using OpenedModel model = await new ModelOpener(_client, new ModelHubSettings { LocalRoot = Path.Combine(_root, "claim") }).OpenAsync(ModelLocation.Parse("/"), null, Token);

        Assert.Contains("leads out of", (await Assert.ThrowsAsync<ByteRangeException>(async () => await model.OpenAsync("config.json", Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_of_very_many_files_is_refused()
    {
        foreach (int i in Enumerable.Range(0, 10_001))
        {
            await File.WriteAllBytesAsync(Path.Combine(_root, $"{i}.gguf"), [], Token);
        }

        Assert.Contains("more than 10000 files", (await Assert.ThrowsAsync<ByteRangeException>(() => OpenAsync(_root))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_file_has_another_pin()
    {
        string file = Write("m.gguf");
        var opener = new ModelOpener(_client, new ModelHubSettings());
        string? before = await opener.PinAsync(ModelLocation.Parse(file), Token);
        await File.AppendAllTextAsync(file, "more", Token);

        Assert.NotEqual(before, await opener.PinAsync(ModelLocation.Parse(file), Token));
        Assert.Null(await opener.PinAsync(ModelLocation.Parse(_root), Token));
    }

    private string Write(string path)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, "GGUF");
        return full;
    }

    private Task<OpenedModel> OpenAsync(string path) => new ModelOpener(_client, new ModelHubSettings()).OpenAsync(ModelLocation.Parse(path), null, Token);
}
