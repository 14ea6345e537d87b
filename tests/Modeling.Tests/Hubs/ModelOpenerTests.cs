using System.Text;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Hubs;

public sealed class ModelOpenerTests : IDisposable
{
    private static readonly HttpByteRangeOptions Impatient = new() { Attempts = 1 };
    private readonly HttpClient _client = new(HttpByteRangeSource.CreateHandler());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_named_file_takes_one_request_and_what_follows_is_of_its_commit()
    {
        await using FakeHub hub = await FakeHub.StartAsync("m-Q4_K_M-00001-of-00002.gguf", "m-Q4_K_M-00002-of-00002.gguf");
        await using OpenedModel model = await OpenAsync(hub, "hf://owner/repo/m-Q4_K_M-00001-of-00002.gguf");
        await using IByteRangeSource first = await model.OpenGgufAsync(Token);

        Assert.Equal("content", await TextAsync(first));
        Assert.Equal(["/owner/repo/resolve/main/m-Q4_K_M-00001-of-00002.gguf"], hub.Requests);
        Assert.Equal((FakeHub.Commit, "Q4_K_M"), (model.Revision, model.Gguf?.Quantization));
        Assert.Equal($"{hub.Address}owner/repo/resolve/{FakeHub.Commit}/m-Q4_K_M-00001-of-00002.gguf", model.AddressOf(model.Gguf!.Path)?.AbsoluteUri);

        await using IByteRangeSource? second = await model.OpenAsync(model.Gguf!.Files[1].Path, Token);

        Assert.Equal("content", await TextAsync(second!));
        Assert.Equal($"/owner/repo/resolve/{FakeHub.Commit}/m-Q4_K_M-00002-of-00002.gguf", hub.Requests.Last());
    }

    [Theory]
    [InlineData("hf://owner/repo", "m-Q4_K_M.gguf")]
    [InlineData("hf://owner/repo:q8_0", "m-Q8_0.gguf")]
    [InlineData("hf://owner/repo/*Q8*@main", "m-Q8_0.gguf")]
    [InlineData("ms://owner/repo:Q8_0", "m-Q8_0.gguf")]
    [InlineData("ms://owner/repo", "m-Q4_K_M.gguf")]
    public async Task A_repository_is_listed_and_pinned_to_its_commit(string location, string expected)
    {
        await using FakeHub hub = await FakeHub.StartAsync("m-Q4_K_M.gguf", "m-Q8_0.gguf", "mmproj-F16.gguf", "config.json", "../escape.gguf");
        await using OpenedModel model = await OpenAsync(hub, location);
        await using IByteRangeSource source = await model.OpenGgufAsync(Token);

        Assert.Equal("content", await TextAsync(source));
        Assert.Equal((expected, FakeHub.Commit, 7L), (model.Gguf!.Path, model.Revision, model.Gguf.Size));
        Assert.EndsWith($"resolve/{FakeHub.Commit}/{expected}", hub.Requests.Last(), StringComparison.Ordinal);
        Assert.Equal("mmproj-F16.gguf", (await model.CatalogueAsync(Token)).ProjectorFor(model.Gguf)?.Path);
        Assert.Null(await model.OpenAsync("absent.json", Token));
        await Assert.ThrowsAsync<ByteRangeException>(async () => await model.OpenAsync("../escape.gguf", Token));
    }

    [Theory]
    [InlineData("hf://owner/repo")]
    [InlineData("ms://owner/repo")]
    public async Task A_repository_of_safetensors_is_a_folder(string location)
    {
        await using FakeHub hub = await FakeHub.StartAsync("config.json", "model-00001-of-00002.safetensors");
        await using OpenedModel model = await OpenAsync(hub, location);
        await using IByteRangeSource? config = await model.OpenAsync("config.json", Token);

        Assert.Equal((ModelFormat.Safetensors, "content"), (model.Format, await TextAsync(config!)));
        Assert.Null(await model.OpenAsync("params.json", Token));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await model.OpenGgufAsync(Token));
    }

    [Fact]
    public async Task A_repository_of_both_formats_is_opened_as_asked()
    {
        await using FakeHub hub = await FakeHub.StartAsync("config.json", "model.safetensors", "m-Q4_K_M.gguf");
        var opener = new ModelOpener(_client, hub.Settings, Impatient);
        ModelLocation location = ModelLocation.Parse("hf://owner/repo");

        Assert.Equal(ModelFormat.Gguf, (await opener.OpenAsync(location, null, Token)).Format);
        Assert.Equal(ModelFormat.Safetensors, (await opener.OpenAsync(location, ModelFormat.Safetensors, Token)).Format);
    }

    [Theory]
    [InlineData("hf://owner/repo", "holds neither GGUF nor safetensors files")]
    [InlineData("hf://owner/repo:Q4_K_M", "there is no GGUF model")]
    [InlineData("hf://owner/repo/absent.gguf", "there is no such file (404): 'absent.gguf'")]
    [InlineData("hf://owner/repo@other", "there is no such revision")]
    [InlineData("ms://owner/repo@other", "no such revision")]
    [InlineData("hf://owner/repo/a.gguf@other", "there is no such revision")]
    public async Task What_is_not_there_is_said_in_one_sentence(string location, string expected)
    {
        await using FakeHub hub = await FakeHub.StartAsync("README.md");

        Exception exception = await Assert.ThrowsAnyAsync<Exception>(() => OpenAsync(hub, location));

        Assert.True(exception is ByteRangeException or ModelChoiceException);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "the model is gated (401), no token was sent; accept its terms at ")]
    [InlineData("wrong", "access is refused (403), the token's account has no access; accept the model's terms at ")]
    public async Task A_gated_repository_says_where_its_terms_are(string? token, string expected)
    {
        await using FakeHub hub = await FakeHub.StartAsync(new FakeHub { Token = "right" });
        foreach (string location in (string[])["hf://owner/repo", "hf://owner/repo/a.gguf"])
        {
            var exception = await Assert.ThrowsAsync<ByteRangeException>(
                () => new ModelOpener(_client, hub.Settings with { HuggingFaceToken = token }, Impatient).OpenAsync(ModelLocation.Parse(location), null, Token));

            Assert.Contains($"{expected}{hub.Address}owner/repo", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong", exception.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_opens_a_gated_repository()
    {
        await using FakeHub hub = await FakeHub.StartAsync(new FakeHub { Token = "right", Files = { ["m.gguf"] = "content"u8.ToArray() } });
        var opener = new ModelOpener(_client, hub.Settings with { HuggingFaceToken = "right" }, Impatient);
        await using OpenedModel model = await opener.OpenAsync(ModelLocation.Parse("hf://owner/repo"), null, Token);

        Assert.Equal("content", await TextAsync(await model.OpenGgufAsync(Token)));
    }

    [Fact]
    public async Task Modelscope_is_told_the_token_as_bearer_and_cookie()
    {
        string? cookie = null;
        await using FakeHub hub = await FakeHub.StartAsync(new FakeHub
        {
            Token = "right",
            Files = { ["m.gguf"] = "content"u8.ToArray() },
            Instead = context => (cookie = context.Request.Headers.Cookie) is null,
        });

        await new ModelOpener(_client, hub.Settings with { ModelScopeToken = "right" }, Impatient).OpenAsync(ModelLocation.Parse("ms://owner/repo"), null, Token);

        Assert.Equal("m_session_id=right", cookie);
    }

    [Fact]
    public async Task A_long_listing_comes_in_pages()
    {
        var hub = new FakeHub { PageSize = 10 };
        foreach (int i in Enumerable.Range(0, 35))
        {
            hub.Files[$"m-Q{i}_0.gguf"] = [];
        }

        await using (await FakeHub.StartAsync(hub))
        {
            await using OpenedModel model = await OpenAsync(hub, "hf://owner/repo:Q34_0");

            Assert.Equal(4, hub.Requests.Count(path => path.Contains("/tree/", StringComparison.Ordinal)));
            Assert.Equal(35, (await model.CatalogueAsync(Token)).Variants.Length);
        }
    }

    [Theory]
    [InlineData("endless", "lists more than")]
    [InlineData("elsewhere", "goes on at another host")]
    [InlineData("huge", "is larger than 4096 KiB")]
    [InlineData("deep", "no JSON that a hub would send")]
    [InlineData("object", "lists no files")]
    public async Task A_hostile_listing_is_refused(string kind, string expected)
    {
        await using FakeHub hub = await FakeHub.StartAsync("m.gguf");
        hub.Instead = context =>
        {
            if (!context.Request.Path.Value!.Contains("/tree/", StringComparison.Ordinal))
            {
                return false;
            }

            context.Response.Headers.Link = kind switch
            {
                "endless" => "</api/models/owner/repo/tree/x?again>; rel=\"next\"",
                "elsewhere" => "<https://example.com/next>; rel=\"next\"",
                _ => "<broken; rel=\"prev\"",
            };
            byte[] body = Encoding.UTF8.GetBytes(kind switch
            {
                "huge" => new string(' ', 5 << 20),
                "deep" => new string('[', 5000),
                "object" => "{}",
                _ => """[{"type":"file","path":"a.gguf","size":-1},{"type":5},7,{"type":"file","path":"\ud800"}]""",
            });
            context.Response.Body.WriteAsync(body, Token).AsTask().GetAwaiter().GetResult();
            return true;
        };

        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => OpenAsync(hub, "hf://owner/repo"));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mirrors_are_asked_first_without_the_hubs_token_and_failing_ones_are_passed_over()
    {
        await using FakeHub broken = await FakeHub.StartAsync("m.gguf");
        broken.Instead = context => (context.Response.StatusCode = 503) > 0;
        await using FakeHub stale = await FakeHub.StartAsync("other-Q8_0.gguf");
        await using FakeHub hub = await FakeHub.StartAsync(new FakeHub { Token = "right", Files = { ["m-Q4_K_M.gguf"] = "content"u8.ToArray() } });
        ModelHubSettings settings = hub.Settings with { Mirrors = [broken.Address, stale.Address], HuggingFaceToken = "right" };

        string text = await new ModelOpener(_client, settings).ReadAsync(
            ModelLocation.Parse("hf://owner/repo:Q4_K_M"), null, async (model, token) => await TextAsync(await model.OpenGgufAsync(token)), Token);

        Assert.Equal("content", text);
        Assert.Single(broken.Requests);
        Assert.All(broken.Authorizations.Concat(stale.Authorizations), Assert.Empty);
        Assert.All(hub.Authorizations, authorization => Assert.Equal("Bearer right", authorization));
    }

    [Fact]
    public async Task A_mirror_that_has_the_model_is_the_only_one_asked()
    {
        await using FakeHub mirror = await FakeHub.StartAsync("m.gguf");
        await using FakeHub hub = await FakeHub.StartAsync("m.gguf");

        await using OpenedModel model = await new ModelOpener(_client, hub.Settings with { Mirrors = [mirror.Address] }).OpenAsync(ModelLocation.Parse("hf://owner/repo"), null, Token);

        Assert.Empty(hub.Requests);
        Assert.StartsWith(mirror.Address.AbsoluteUri, model.AddressOf("m.gguf")?.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_that_breaks_off_while_the_model_is_read_is_passed_over()
    {
        await using FakeHub mirror = await FakeHub.StartAsync("m.gguf");
        await using FakeHub hub = await FakeHub.StartAsync("m.gguf");
        ModelHubSettings settings = hub.Settings with { Mirrors = [mirror.Address] };

        Uri? address = await new ModelOpener(_client, settings).ReadAsync(
            ModelLocation.Parse("hf://owner/repo"),
            null,
            (model, _) => model.AddressOf("m.gguf")!.Port == mirror.Address.Port ? throw new FormatException("the header is cut") : Task.FromResult(model.AddressOf("m.gguf")),
            Token);

        Assert.Equal(hub.Address.Port, address?.Port);
    }

    [Fact]
    public async Task An_address_is_a_file_with_its_parts_beside_it_or_a_folder()
    {
        await using FakeHub hub = await FakeHub.StartAsync("sub/m-00001-of-00002.gguf", "sub/m-00002-of-00002.gguf", "sub/config.json");
        var opener = new ModelOpener(_client, new ModelHubSettings { AddressToken = "secret" }, Impatient);
        string folder = new Uri(hub.Address, "owner/repo/resolve/main/sub/").AbsoluteUri;
        await using OpenedModel file = await opener.OpenAsync(ModelLocation.Parse($"{folder}m-00001-of-00002.gguf?signature=1"), null, Token);
        await using OpenedModel directory = await opener.OpenAsync(ModelLocation.Parse(folder), null, Token);

        Assert.Equal("content", await TextAsync((await file.OpenAsync(file.Gguf!.Files[1].Path, Token))!));
        Assert.Equal($"{folder}m-00002-of-00002.gguf?signature=1", file.AddressOf(file.Gguf.Files[1].Path)?.AbsoluteUri);
        Assert.Equal(ModelFormat.Safetensors, directory.Format);
        Assert.Equal("content", await TextAsync((await directory.OpenAsync("config.json", Token))!));
        Assert.Null(await directory.OpenAsync("params.json", Token));
        Assert.All(hub.Authorizations, authorization => Assert.Equal("Bearer secret", authorization));
        Assert.DoesNotContain("signature", file.Name, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ByteRangeException>(() => opener.OpenAsync(ModelLocation.Parse(folder), ModelFormat.Gguf, Token));
        await Assert.ThrowsAsync<ByteRangeException>(async () => await directory.OpenAsync("../x", Token));
        await Assert.ThrowsAsync<ByteRangeException>(async () => await directory.CatalogueAsync(Token));
        Assert.Contains("'absent.gguf'", (await Assert.ThrowsAsync<ByteRangeException>(() => opener.OpenAsync(ModelLocation.Parse($"{folder}absent.gguf"), null, Token))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hf://owner/repo/m.gguf")]
    [InlineData("hf://owner/repo")]
    [InlineData("ms://owner/repo")]
    public async Task A_pin_changes_with_the_repository_and_costs_one_request(string location)
    {
        await using FakeHub hub = await FakeHub.StartAsync("m.gguf");
        var opener = new ModelOpener(_client, hub.Settings, Impatient);

        string? before = await opener.PinAsync(ModelLocation.Parse(location), Token);
        int requests = hub.Requests.Count();
        string? same = await opener.PinAsync(ModelLocation.Parse(location), Token);
        hub.Head = FakeHub.Commit.Replace('0', 'f');
        string? after = await opener.PinAsync(ModelLocation.Parse(location), Token);

        Assert.Equal((FakeHub.Commit, FakeHub.Commit, hub.Head, 1), (before, same, after, requests));
    }

    private static async Task<string> TextAsync(IByteRangeSource source)
    {
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, await source.ReadAsync(0, buffer, Token));
    }

    private Task<OpenedModel> OpenAsync(FakeHub hub, string location) =>
        new ModelOpener(_client, hub.Settings, Impatient).OpenAsync(ModelLocation.Parse(location), null, Token);
}
