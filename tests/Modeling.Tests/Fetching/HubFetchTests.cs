using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Fetching;

/// <summary>What is brought of a repository, and from whom.</summary>
public sealed class HubFetchTests : IDisposable
{
    private const string Secret = "hf_secret";

    private readonly FetchFolder _fetching = new();

    public void Dispose() => _fetching.Dispose();

    [Theory]
    [InlineData("hf://owner/repo", "hf")]
    [InlineData("ms://owner/repo", "ms")]
    public async Task A_split_model_comes_with_all_its_parts_and_nothing_else(string location, string root)
    {
        (string, byte[])[] parts = [.. Enumerable.Range(1, 3).Select(part => ($"Q4/model-Q4_K_M-0000{part}-of-00003.gguf", FetchHub.Content(1000 + part, part)))];
        await using FetchHub hub = await FetchHub.StartAsync([.. parts, ("model-Q8_0.gguf", [1]), ("mmproj-model-F16.gguf", [2]), ("README.md", [3])]);

        FetchedModel model = await _fetching.RunAsync(location, hub.Settings);

        Assert.Equal(Path.Combine(_fetching.Folder, root, "owner", "repo", FetchHub.Commit, "Q4", "model-Q4_K_M-00001-of-00003.gguf"), model.Path);
        Assert.Equal(parts.Select(part => $"{root}/owner/repo/{FetchHub.Commit}/{part.Item1}"), _fetching.Everything());
        Assert.All(parts, part => Assert.Equal(part.Item2, File.ReadAllBytes(Path.Combine(_fetching.Folder, root, "owner", "repo", FetchHub.Commit, part.Item1))));
        Assert.Equal(parts.Select(part => FetchHub.Sha256(part.Item2)), model.Files.Select(file => file.Sha256));
        Assert.False(model.WasThere);
    }

    [Fact]
    public async Task The_projector_comes_when_it_is_asked_for()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("model-Q4_K_M.gguf", [1]), ("mmproj-model-F16.gguf", [2]));

        FetchedModel model = await _fetching.RunAsync(_fetching.Request("hf://owner/repo") with { WithProjector = true }, hub.Settings);

        Assert.EndsWith("mmproj-model-F16.gguf", model.ProjectorPath, StringComparison.Ordinal);
        Assert.Equal([2], await File.ReadAllBytesAsync(model.ProjectorPath!, TestContext.Current.CancellationToken));
        hub.Files.Remove("mmproj-model-F16.gguf");
        var refused = await Assert.ThrowsAsync<ModelChoiceException>(
            () => _fetching.RunAsync(_fetching.Request("hf://owner/repo@other") with { WithProjector = true }, hub.Settings));
        Assert.Contains("--mmproj", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_repository_comes_without_what_is_there_for_others()
    {
        await using FetchHub hub = await FetchHub.StartAsync(
            [.. RepositoryRuleTests.Repository.Select(path => (path, FetchHub.Content(50, path.Length)))]);

        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings);

        Assert.Equal(Path.Combine(_fetching.Folder, "hf", "owner", "repo", FetchHub.Commit), model.Path);
        Assert.Equal(ModelFormat.Safetensors, model.Format);
        Assert.Equal(RepositoryRuleTests.Expected.Order(StringComparer.Ordinal), _fetching.Everything().Select(file => file[$"hf/owner/repo/{FetchHub.Commit}/".Length..]));
    }

    [Fact]
    public async Task A_finished_model_is_found_without_any_request()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("model-Q4_K_M.gguf", FetchHub.Content(5000)));
        FetchedModel first = await _fetching.RunAsync("hf://owner/repo", hub.Settings);
        int requests = hub.Requests;

        FetchedModel again = await _fetching.RunAsync("hf://owner/repo", hub.Settings);

        Assert.Equal(requests, hub.Requests);
        Assert.True(again.WasThere);
        Assert.Equal((first.Path, first.Commit, FetchHub.Commit), (again.Path, again.Commit, again.Commit));
        await _fetching.RunAsync(_fetching.Request("hf://owner/repo") with { Refresh = true }, hub.Settings);
        Assert.Single(hub.Asked);
    }

    [Fact]
    public async Task A_file_that_was_deleted_or_shortened_comes_again_and_the_others_do_not()
    {
        await using FetchHub hub = await FetchHub.StartAsync(
            ("model-00001-of-00002.gguf", FetchHub.Content(500)), ("model-00002-of-00002.gguf", FetchHub.Content(700)));
        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings);
        await File.WriteAllBytesAsync(model.Path, [1], TestContext.Current.CancellationToken);

        FetchedModel again = await _fetching.RunAsync("hf://owner/repo", hub.Settings);

        Assert.Equal(hub.Files["model-00001-of-00002.gguf"], await File.ReadAllBytesAsync(again.Path, TestContext.Current.CancellationToken));
        Assert.Equal(3, hub.Asked.Count);
        Assert.Equal(500, again.ReceivedBytes);
    }

    [Theory]
    [InlineData("../../escape.gguf")]
    [InlineData("/etc/escape.gguf")]
    [InlineData("a/../../../escape.gguf")]
    [InlineData("model.gguf.partial")]
    public async Task No_name_leads_out_of_the_folder(string name)
    {
        await using FetchHub hub = await FetchHub.StartAsync((name, [1]), ("config.json", [2]), ("model.safetensors", [3]));

        await _fetching.RunAsync("hf://owner/repo", hub.Settings);

        Assert.Equal(["config.json", "model.safetensors"], _fetching.Everything().Select(Path.GetFileName));
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(_fetching.Folder)!, "escape.gguf")));
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_nobody_else()
    {
        byte[] content = FetchHub.Content(4000);
        await using FetchHub mirror = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        await using FetchHub storage = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        await using FetchHub hub = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        hub.Token = Secret;
        mirror.Faults = (_, _) => new Fault.Status(404);
        hub.Faults = (_, _) => new Fault.Redirect(new Uri(storage.Address, "web/model-Q4_K_M.gguf"));

        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings with { HuggingFaceToken = Secret, Mirrors = [mirror.Address] });

        Assert.Equal(content, await File.ReadAllBytesAsync(model.Path, TestContext.Current.CancellationToken));
        Assert.All(hub.Asked, asked => Assert.Contains(Secret, asked.Secrets, StringComparison.Ordinal));
        Assert.Equal([""], mirror.Asked.Select(asked => asked.Secrets));
        Assert.Equal([""], storage.Asked.Select(asked => asked.Secrets));
        Assert.All(_fetching.Lines, line => Assert.DoesNotContain(Secret, line, StringComparison.Ordinal));
        Assert.All(Directory.EnumerateFiles(_fetching.Folder, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(Secret, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_gated_model_without_a_token_says_what_to_set()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("model-Q4_K_M.gguf", [1]));
        hub.Token = Secret;

        var failure = await Assert.ThrowsAsync<ByteRangeException>(() => _fetching.RunAsync("hf://owner/repo", hub.Settings));

        Assert.Contains("HF_TOKEN", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task A_mirror_that_breaks_midway_is_continued_at_the_hub()
    {
        byte[] content = FetchHub.Content(300_000);
        await using FetchHub mirror = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        await using FetchHub hub = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        mirror.Faults = (_, from) => from == 0 ? new Fault.Cut(100_000) : new Fault.Status(503);

        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings with { Mirrors = [mirror.Address] });

        Assert.Equal(content, await File.ReadAllBytesAsync(model.Path, TestContext.Current.CancellationToken));
        long from = Assert.Single(hub.Asked).From;
        Assert.InRange(from, 1, 100_000);
        Assert.Equal(content.Length, model.ReceivedBytes);
    }

    [Fact]
    public async Task A_mirror_that_serves_files_and_nothing_else_is_used_for_them()
    {
        byte[] content = FetchHub.Content(3000);
        await using FetchHub mirror = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        await using FetchHub hub = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        mirror.Lists = false;

        FetchedModel model = await _fetching.RunAsync("hf://owner/repo/model-Q4_K_M.gguf", hub.Settings with { Mirrors = [mirror.Address] });
        FetchedModel chosen = await _fetching.RunAsync("hf://owner/repo@other", hub.Settings with { Mirrors = [mirror.Address] });

        Assert.Equal((FetchHub.Commit, FetchHub.Sha256(content)), (model.Commit, model.Files[0].Sha256));
        Assert.Equal(model.Path, chosen.Path);
        Assert.Single(mirror.Asked);
        Assert.Empty(hub.Asked);
    }

    [Fact]
    public async Task A_mirror_with_wrong_content_is_passed_over()
    {
        byte[] content = FetchHub.Content(3000);
        await using FetchHub mirror = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        await using FetchHub hub = await FetchHub.StartAsync(("model-Q4_K_M.gguf", content));
        mirror.Faults = (_, _) => new Fault.Corrupt();

        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings with { Mirrors = [mirror.Address] });

        Assert.Equal(content, await File.ReadAllBytesAsync(model.Path, TestContext.Current.CancellationToken));
        Assert.Equal((2, 1), (mirror.Asked.Count, hub.Asked.Count));
    }

    [Fact]
    public async Task A_file_that_is_listed_twice_comes_once()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("config.json", FetchHub.Content(300)), ("model.safetensors", FetchHub.Content(500)));
        hub.Twice = true;

        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings);

        Assert.Equal(["config.json", "model.safetensors"], model.Files.Select(file => file.Path));
        Assert.Equal(2, hub.Asked.Count);
    }

    [Fact]
    public async Task Another_file_under_the_listed_name_is_refused()
    {
        await using FetchHub mirror = await FetchHub.StartAsync(("model.gguf", FetchHub.Content(300)));
        await using FetchHub hub = await FetchHub.StartAsync(("model.gguf", FetchHub.Content(500)));
        mirror.Lists = false;

        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings with { Mirrors = [mirror.Address] });

        Assert.Equal(hub.Files["model.gguf"], await File.ReadAllBytesAsync(model.Path, TestContext.Current.CancellationToken));
        Assert.Contains(_fetching.Lines, line => line.Contains("is not the one that was listed, of 500 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Small_files_are_verified_by_gits_digest()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("config.json", FetchHub.Content(300)), ("model.safetensors", [1]));
        hub.Faults = (path, _) => path == "config.json" ? new Fault.Corrupt() : null;

        var failure = await Assert.ThrowsAsync<FetchException>(() => _fetching.RunAsync("hf://owner/repo", hub.Settings));

        Assert.Contains("config.json", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("config.json", _fetching.Everything().Select(Path.GetFileName));
    }
}
