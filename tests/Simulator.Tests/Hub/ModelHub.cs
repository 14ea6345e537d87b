using System.Net;
using System.Net.Http.Headers;
using GpuStack.Simulator.Hub;

namespace GpuStack.Simulator.Tests.Hub;

public sealed class ModelHub : IAsyncLifetime
{
    private const string Path = "/acme/tiny/resolve/main/tiny.gguf";
    private const long Size = 5_000_000_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("hub").FullName;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private ModelHubHost _hub = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(System.IO.Path.Combine(_folder, "acme", "tiny"));
        await File.WriteAllBytesAsync(System.IO.Path.Combine(_folder, "acme", "tiny", "tiny.gguf"), "GGUF0123456789"u8.ToArray());
        await WriteIndexAsync("tiny.gguf", 14);
        _hub = await ModelHubHost.StartAsync(new ModelHubOptions { Directory = _folder });
        _client.BaseAddress = _hub.Url;
    }

    [Fact]
    public async Task Resolve_tells_commit_and_size_and_sends_on_to_the_storage()
    {
        using var answer = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("abc", answer.Headers.GetValues("X-Repo-Commit").Single());
        Assert.Equal(Size.ToString(), answer.Headers.GetValues("X-Linked-Size").Single());
        Assert.Equal("\"e1\"", answer.Headers.ETag!.Tag);
        Assert.Equal(_hub.Url.Port, answer.Headers.Location!.Port);
    }

    [Theory]
    [InlineData("bytes=0-3", "0-3/5000000000", "GGUF")]
    [InlineData("bytes=12-15", "12-15/5000000000", "89\0\0")]
    [InlineData("bytes=4999999998-", "4999999998-4999999999/5000000000", "\0\0")]
    [InlineData("bytes=-2", "4999999998-4999999999/5000000000", "\0\0")]
    public async Task A_range_is_served_also_beyond_what_exists(string range, string contentRange, string body)
    {
        using var answer = await StorageAsync(range);

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal("bytes " + contentRange, answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(body, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(body.Length, _hub.BytesServed);
    }

    [Theory]
    [InlineData("\"e1\"", HttpStatusCode.PartialContent)]
    [InlineData("\"e0\"", HttpStatusCode.OK)]
    public async Task A_range_of_another_version_is_answered_with_the_whole_file(string version, HttpStatusCode status)
    {
        using var first = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path), TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, first.Headers.Location);
        request.Headers.TryAddWithoutValidation("Range", "bytes=0-3");
        request.Headers.TryAddWithoutValidation("If-Range", version);

        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("bytes=5000000000-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999999999999999999-")]
    public async Task A_range_without_any_byte_is_refused_with_the_size(string range)
    {
        using var answer = await StorageAsync(range);

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
        Assert.Equal(Size, answer.Content.Headers.ContentRange!.Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("bytes=1-2,4-5")]
    [InlineData("lines=1-2")]
    public async Task Without_a_single_range_the_whole_file_is_announced(string? range)
    {
        using var answer = await StorageAsync(range);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Size, answer.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("/acme/tiny/resolve/main/none.gguf", HttpStatusCode.NotFound, "EntryNotFound")]
    [InlineData("/acme/tiny/resolve/other/tiny.gguf", HttpStatusCode.NotFound, "RevisionNotFound")]
    [InlineData("/acme/none/resolve/main/tiny.gguf", HttpStatusCode.Unauthorized, "RepoNotFound")]
    public async Task What_is_not_there_is_refused_as_Hugging_Face_does(string path, HttpStatusCode status, string code)
    {
        using var answer = await _client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, answer.Headers.GetValues("X-Error-Code").Single());
    }

    [Theory]
    [InlineData("/api/models/acme/tiny/tree/main?recursive=true", """[{"type":"file","oid":"e1","size":5000000000,"path":"tiny.gguf"}]""")]
    [InlineData("/api/models/acme/tiny/tree/main?recursive=true&cursor=1", "[]")]
    [InlineData(
        "/api/v1/models/acme/tiny/repo/files?Revision=main&Recursive=true",
        """{"Code":200,"Success":true,"Data":{"Files":[{"Type":"blob","Path":"tiny.gguf","Name":"tiny.gguf","Size":5000000000,"Sha256":"e1","Revision":"abc"}],"LatestCommitter":{"Id":"","ShortId":"abc"}}}""")]
    [InlineData("/api/v1/models/acme/tiny/repo/files?Revision=other", """{"Code":200,"Success":true,"Data":{"Files":null,"LatestCommitter":null}}""")]
    public async Task Files_are_listed_as_the_hubs_list_them(string path, string expected) =>
        Assert.Equal(expected, await _client.GetStringAsync(path, TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("/api/models/acme/tiny/tree/other", HttpStatusCode.NotFound, "RevisionNotFound")]
    [InlineData("/api/models/acme/none/tree/main", HttpStatusCode.Unauthorized, "RepoNotFound")]
    public async Task A_listing_of_what_is_not_there_is_refused(string path, HttpStatusCode status, string code)
    {
        using var answer = await _client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal((status, code), (answer.StatusCode, answer.Headers.GetValues("X-Error-Code").Single()));
    }

    [Fact]
    public async Task A_gated_repository_opens_with_its_token_only()
    {
        await using var gated = await ModelHubHost.StartAsync(new ModelHubOptions
        {
            Directory = _folder,
            GatedRepositories = new Dictionary<string, string> { ["acme/tiny"] = "secret" },
        }, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gated.Url, null));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(gated.Url, "wrong"));
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(gated.Url, "secret"));
    }

    [Theory]
    [InlineData("../../../etc/passwd", 14, "outside")]
    [InlineData("none.gguf", 14, "does not exist")]
    [InlineData("tiny.gguf", 15, "do not agree")]
    public async Task A_wrong_index_is_refused_in_one_sentence(string file, int headerBytes, string because)
    {
        await WriteIndexAsync(file, headerBytes);

        var refusal = Assert.Throws<InvalidDataException>(() => HubIndex.Read(_folder));

        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task WriteIndexAsync(string file, int headerBytes) => File.WriteAllTextAsync(System.IO.Path.Combine(_folder, "index.json"), $$"""
        [{"owner":"acme","repo":"tiny","revision":"main","commit":"abc","file":"{{file}}","headerBytes":{{headerBytes}},"sizeBytes":{{Size}},"etag":"e1"}]
        """);

    private async Task<HttpResponseMessage> StorageAsync(string? range)
    {
        using var first = await _client.GetAsync(Path, TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, first.Headers.Location);
        if (range is not null)
            request.Headers.TryAddWithoutValidation("Range", range);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private async Task<HttpStatusCode> StatusAsync(Uri hub, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(hub, Path));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
