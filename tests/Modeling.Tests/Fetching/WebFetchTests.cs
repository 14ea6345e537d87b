using System.Text;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Fetching;

/// <summary>Addresses: no listing, no digests, and a version only by entity tags.</summary>
public sealed class WebFetchTests : IDisposable
{
    private readonly FetchFolder _fetching = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _fetching.Dispose();

    [Fact]
    public async Task The_parts_of_a_split_model_lie_beside_it()
    {
        await using FetchHub hub = await FetchHub.StartAsync(
            ("m-00001-of-00002.gguf", FetchHub.Content(500)), ("m-00002-of-00002.gguf", FetchHub.Content(700, 2)));

        FetchedModel model = await _fetching.RunAsync($"{hub.Address}web/m-00001-of-00002.gguf", hub.Settings);

        Assert.EndsWith("m-00001-of-00002.gguf", model.Path, StringComparison.Ordinal);
        Assert.Equal(FetchHub.Content(700, 2), await File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(model.Path)!, "m-00002-of-00002.gguf"), Token));
    }

    [Fact]
    public async Task A_folder_comes_by_the_names_that_such_folders_have()
    {
        const string index = """{"metadata":{},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}""";
        await using FetchHub hub = await FetchHub.StartAsync(
            ("config.json", FetchHub.Content(30)), ("tokenizer.json", FetchHub.Content(40)), ("model.safetensors.index.json", Encoding.UTF8.GetBytes(index)),
            ("model-00001-of-00002.safetensors", FetchHub.Content(500)), ("model-00002-of-00002.safetensors", FetchHub.Content(600)));

        FetchedModel model = await _fetching.RunAsync($"{hub.Address}web/", hub.Settings);

        Assert.Equal(ModelFormat.Safetensors, model.Format);
        Assert.Equal(hub.Files.Keys.Order(StringComparer.Ordinal), Directory.EnumerateFiles(model.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        hub.Files.Remove("model-00002-of-00002.safetensors");
        await Assert.ThrowsAsync<ByteRangeException>(() => _fetching.RunAsync($"{hub.Address}web/?other", hub.Settings));
    }

    [Fact]
    public async Task An_interrupted_download_goes_on_with_If_Range()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("m.gguf", FetchHub.Content(90_000)));
        hub.Faults = FetchHub.InTurn(new Fault.Cut(30_000));

        FetchedModel model = await _fetching.RunAsync($"{hub.Address}web/m.gguf", hub.Settings);

        Assert.Equal(hub.Files["m.gguf"], await File.ReadAllBytesAsync(model.Path, Token));
        Assert.Equal([(0L, ""), (30_000L, $"\"{FetchHub.Sha256(hub.Files["m.gguf"])[..16]}\"")], hub.Asked.Select(asked => (asked.From, asked.IfRange)));
    }

    [Theory]
    [InlineData(90_000)]
    [InlineData(80_000)]
    public async Task A_file_that_changes_on_the_way_is_planned_and_fetched_anew(int size)
    {
        byte[] newer = FetchHub.Content(size, 2);
        await using FetchHub hub = await FetchHub.StartAsync(("m.gguf", FetchHub.Content(90_000)));
        hub.Faults = (_, from) =>
        {
            if (from > 0)
            {
                return null;
            }

            bool first = hub.Files["m.gguf"] != newer;
            hub.Files["m.gguf"] = newer;
            return first ? new Fault.Cut(30_000) : null;
        };

        FetchedModel model = await _fetching.RunAsync($"{hub.Address}web/m.gguf", hub.Settings);

        Assert.Equal(newer, await File.ReadAllBytesAsync(model.Path, Token));
        Assert.Equal(0, hub.Asked.Last().From);
    }

    [Fact]
    public async Task Without_tags_nothing_of_an_earlier_run_is_believed()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("m-00001-of-00002.gguf", FetchHub.Content(500)), ("m-00002-of-00002.gguf", FetchHub.Content(700)));
        hub.Tags = false;
        hub.Faults = (path, _) => path.StartsWith("m-00002", StringComparison.Ordinal) ? new Fault.Status(404) : null;
        string address = $"{hub.Address}web/m-00001-of-00002.gguf";
        await Assert.ThrowsAsync<ByteRangeException>(() => _fetching.RunAsync(_fetching.Request(address) with { Parallel = 1 }, hub.Settings));
        hub.Files["m-00001-of-00002.gguf"] = FetchHub.Content(500, 7);
        hub.Faults = (_, _) => null;

        FetchedModel model = await _fetching.RunAsync(address, hub.Settings);

        Assert.Equal(FetchHub.Content(500, 7), await File.ReadAllBytesAsync(model.Path, Token));
    }

    [Fact]
    public async Task A_digest_that_is_given_must_be_the_files()
    {
        byte[] content = FetchHub.Content(900);
        await using FetchHub hub = await FetchHub.StartAsync(("m.gguf", content));
        FetchRequest request = _fetching.Request($"{hub.Address}web/m.gguf?signature=abc");

        FetchedModel model = await _fetching.RunAsync(request with { Sha256 = FetchHub.Sha256(content) }, hub.Settings);
        FetchedModel signedAnew = await _fetching.RunAsync(
            _fetching.Request($"{hub.Address}web/m.gguf?signature=other") with { Sha256 = FetchHub.Sha256(content) }, hub.Settings);

        Assert.Equal(content, await File.ReadAllBytesAsync(model.Path, Token));
        Assert.True(signedAnew.WasThere);
        Assert.All(Directory.EnumerateFiles(_fetching.Folder, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain("signature", File.ReadAllText(file), StringComparison.Ordinal));
        var failure = await Assert.ThrowsAsync<FetchException>(() => _fetching.RunAsync(request with { Sha256 = new string('0', 64) }, hub.Settings));
        Assert.Contains("expected is 000000", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_digest_is_of_one_file()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("m-00001-of-00002.gguf", [1]), ("m-00002-of-00002.gguf", [2]));

        var refused = await Assert.ThrowsAsync<ModelChoiceException>(
            () => _fetching.RunAsync(_fetching.Request($"{hub.Address}web/m-00001-of-00002.gguf") with { Sha256 = new string('0', 64) }, hub.Settings));

        Assert.Contains("--sha256", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local.gguf")]
    [InlineData("oci://registry/repository:tag")]
    public async Task Other_places_are_refused(string location) =>
        await Assert.ThrowsAsync<ModelChoiceException>(() => _fetching.RunAsync(location, new ModelHubSettings()));
}
