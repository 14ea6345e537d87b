using System.Globalization;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.Sources;

public sealed class HttpByteRangeSourceTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7 / 3))];
    private readonly HttpClient _client = new(HttpByteRangeSource.CreateHandler());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_file_is_read_in_growing_blocks()
    {
        await using WebServer server = await WebServer.StartAsync(WebServer.File(Content));
        await using var source = new HttpByteRangeSource(_client, new Uri(server.Address, "model.gguf?signature=secret"), new() { FirstBlock = 1000, LargestBlock = 4000 });

        Assert.Equal(Content, await ReadAllAsync(source));

        Assert.Equal(["bytes=0-999", "bytes=1000-2999", "bytes=3000-6999", "bytes=7000-10999"], server.Requests.Take(4).Select(request => request.Range));
        Assert.Equal(Content.Length, source.Length);
        Assert.Equal("file-tag", source.ETag);
        Assert.DoesNotContain("secret", source.Name, StringComparison.Ordinal);
        Assert.Equal(0, await source.ReadAsync(Content.Length, new byte[1], Token));
    }

    [Fact]
    public async Task A_header_is_read_with_few_requests()
    {
        byte[] header = await File.ReadAllBytesAsync(Path.Combine(SampleFiles.Directory, "gpustack/DeepSeek-R1-GGUF/DeepSeek-R1-IQ2_XXS.gguf"), Token);
        await using WebServer server = await WebServer.StartAsync(WebServer.File([.. header, .. new byte[3 << 20]]));
        await using var source = new HttpByteRangeSource(_client, new Uri(server.Address, "model.gguf"));

        var exception = await Assert.ThrowsAsync<GgufFormatException>(() => GgufReader.ReadAsync(source, cancellationToken: Token));

        Assert.Contains("download it again", exception.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_token_goes_to_the_sources_own_host_only_and_redirects_are_remembered()
    {
        await using WebServer storage = await WebServer.StartAsync(WebServer.File(Content));
        await using WebServer hub = await WebServer.StartAsync(context =>
        {
            context.Response.Headers["X-Linked-Etag"] = "\"linked-tag\"";
            context.Response.Headers["X-Repo-Commit"] = "0123abcd";
            context.Response.Redirect(context.Request.Path == "/first" ? "/second" : new Uri(storage.Address, "blob?signature=1").AbsoluteUri);
            return Task.CompletedTask;
        });
        await using var source = new HttpByteRangeSource(_client, new Uri(hub.Address, "first"), new() { Token = "hf_secret", FirstBlock = 60_000 });

        Assert.Equal(Content, await ReadAllAsync(source));

        Assert.Equal(["/first", "/second"], hub.Requests.Select(request => request.Path));
        Assert.All(hub.Requests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.Equal(2, storage.Requests.Count);
        Assert.All(storage.Requests, request => Assert.Empty(request.Authorization));
        Assert.Equal(("linked-tag", "0123abcd"), (source.ETag, source.Commit));
    }

    [Fact]
    public async Task A_signed_address_that_expired_is_asked_for_again()
    {
        int signature = 0;
        await using WebServer server = await WebServer.StartAsync(context =>
        {
            if (context.Request.Path == "/model")
            {
                context.Response.Redirect($"/blob/{signature}");
                return Task.CompletedTask;
            }

            if (context.Request.Path != $"/blob/{signature}")
            {
                context.Response.StatusCode = 403;
                return Task.CompletedTask;
            }

            signature++;
            return WebServer.File(Content)(context);
        });
        await using var source = new HttpByteRangeSource(_client, new Uri(server.Address, "model"), new() { FirstBlock = 50_000 });

        Assert.Equal(Content, await ReadAllAsync(source));
    }

    [Fact]
    public async Task A_server_without_ranges_is_read_from_the_front_up_to_a_bound()
    {
        await using WebServer server = await WebServer.StartAsync(context => context.Response.Body.WriteAsync(Content, context.RequestAborted).AsTask());
        await using var source = new HttpByteRangeSource(_client, new Uri(server.Address, "model"));
        await using var bounded = new HttpByteRangeSource(_client, new Uri(server.Address, "model"), new() { WithoutRanges = 50_000 });
        var skipped = new byte[10];

        Assert.Equal(Content, await ReadAllAsync(source));
        Assert.InRange(await source.ReadAsync(500, skipped, Token), 1, skipped.Length);
        Assert.Equal(Content[500], skipped[0]);
        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => ReadAllAsync(bounded));

        Assert.Contains("does not answer range requests", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "give a token", false)]
    [InlineData(403, "may read it", false)]
    [InlineData(404, "no such file", false)]
    [InlineData(418, "418", false)]
    [InlineData(429, "wait", true)]
    [InlineData(503, "503", true)]
    public async Task A_refusal_says_what_to_do(int status, string expected, bool transient)
    {
        await using WebServer server = await WebServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        ByteRangeException exception = await FailureAsync(server, new() { Token = "hf_secret" });

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(transient, exception.IsTransient);
    }

    [Theory]
    [InlineData("bytes 5-14/100")]
    [InlineData("bytes 0-99999999/100000000")]
    [InlineData("items 0-9/100")]
    [InlineData("")]
    public async Task A_range_that_was_not_asked_for_is_refused(string range)
    {
        await using WebServer server = await WebServer.StartAsync(context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = range;
            return context.Response.Body.WriteAsync(Content.AsMemory(0, 10), context.RequestAborted).AsTask();
        });

        Assert.Contains("answered the range 0-", (await FailureAsync(server)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_ends_early_is_a_failure()
    {
        await using WebServer server = await WebServer.StartAsync(context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = "bytes 0-99/100";
            return context.Response.Body.WriteAsync(Content.AsMemory(0, 10), context.RequestAborted).AsTask();
        });

        Assert.True((await FailureAsync(server)).IsTransient);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        await using WebServer server = await WebServer.StartAsync(context =>
        {
            context.Response.Redirect(context.Request.Path == "/model" ? "/other" : "/model");
            return Task.CompletedTask;
        });

        Assert.Contains("redirects", (await FailureAsync(server)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/x")]
    public async Task Redirects_to_other_schemes_are_not_followed(string location)
    {
        await using WebServer server = await WebServer.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });

        Assert.Contains("not followed", (await FailureAsync(server)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Silence_is_an_error_and_never_an_empty_file(bool headersFirst)
    {
        await using WebServer server = await WebServer.StartAsync(async context =>
        {
            if (headersFirst)
            {
                context.Response.StatusCode = 206;
                context.Response.Headers.ContentRange = "bytes 0-99/100";
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            var aborted = new TaskCompletionSource();
            await using (context.RequestAborted.Register(aborted.SetResult))
            {
                await aborted.Task;
            }
        });

        ByteRangeException exception = await FailureAsync(server, new() { Timeout = TimeSpan.FromMilliseconds(200) });

        Assert.Contains("no answer within", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task A_host_that_cannot_be_reached_is_a_failure()
    {
        WebServer server = await WebServer.StartAsync(_ => Task.CompletedTask);
        var address = new Uri(server.Address, "model");
        await server.DisposeAsync();
        await using var source = new HttpByteRangeSource(_client, address, new() { Attempts = 1 });

        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => ReadAllAsync(source));

        Assert.Contains("cannot be reached", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_callers_cancellation_is_no_failure()
    {
        await using WebServer server = await WebServer.StartAsync(WebServer.File(Content));
        await using var source = new HttpByteRangeSource(_client, new Uri(server.Address, "model"));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await source.ReadAsync(0, new byte[10], cancelled.Token));
    }

    private static async Task<byte[]> ReadAllAsync(HttpByteRangeSource source)
    {
        var all = new List<byte>();
        var buffer = new byte[777];
        while (await source.ReadAsync(all.Count, buffer, Token) is > 0 and int count)
        {
            all.AddRange(buffer[..count]);
        }

        return [.. all];
    }

    private async Task<ByteRangeException> FailureAsync(WebServer server, HttpByteRangeOptions? options = null)
    {
        await using var source = new HttpByteRangeSource(_client, new Uri(server.Address, "model"), (options ?? new()) with { Attempts = 1 });
        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => ReadAllAsync(source));
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{server.Address}model: "), exception.Message, StringComparison.Ordinal);
        return exception;
    }
}
