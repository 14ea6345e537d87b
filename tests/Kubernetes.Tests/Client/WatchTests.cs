using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Client;

public sealed class WatchTests : IAsyncLifetime
{
    private ScriptedServer _server = null!;
    private KubernetesClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _client = _server.CreateClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Events_ArriveAsTheyAreSent_BookmarksToo()
    {
        await using var events = Watch(new WatchOptions { ResourceVersion = "5", Timeout = TimeSpan.FromSeconds(300) });
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        await session.SendAsync("ADDED", Json.ConfigMap("a", 6));
        Assert.True(await next);
        Assert.Equal((WatchEventType.Added, "a"), (events.Current.Type, events.Current.Object.Metadata.Name));

        await session.SendLineAsync("\n\r\n");
        await session.SendAsync("BOOKMARK", Json.Bookmark(9));
        Assert.True(await events.MoveNextAsync());
        Assert.Equal((WatchEventType.Bookmark, "9"), (events.Current.Type, events.Current.Object.Metadata.ResourceVersion));

        session.Complete();
        Assert.False(await events.MoveNextAsync());
        var query = session.Request.Query;
        Assert.Equal(("true", "5", "300", "true"), (query["watch"], query["resourceVersion"], query["timeoutSeconds"], query["allowWatchBookmarks"]));
    }

    [Fact]
    public async Task EventsCutIntoPieces_ArriveWhole()
    {
        await using var events = Watch(new WatchOptions());
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        var line = $$"""{"object":{{Json.ConfigMap("a", 6, new string('x', 100_000))}},"type":"MODIFIED"}""" + "\n";
        foreach (var piece in line.Chunk(30_000)) await session.SendLineAsync(new string(piece));

        Assert.True(await next);
        Assert.Equal(WatchEventType.Modified, events.Current.Type);
        Assert.Equal(100_000, events.Current.Object.Data!["k"].Length);
        session.Complete();
    }

    [Fact]
    public async Task Point06_AnErrorEvent_EndsTheWatchAsItsStatus()
    {
        await using var events = Watch(new WatchOptions { ResourceVersion = "1" });
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        await session.ErrorAsync(410, "Expired", "too old resource version: 1 (305)");

        var error = await Assert.ThrowsAsync<KubernetesException>(async () => await next);
        Assert.True(error.IsExpired);
        Assert.Equal("too old resource version: 1 (305)", error.Message);
        session.Complete();
    }

    [Fact]
    public async Task AServerThatCannotBeConnectedTo_IsAFailure_NotAQuietWatch()
    {
        // As the HTTP stack says that ConnectTimeout is over.
        using var handler = new FailingHandler(new TaskCanceledException("The operation was canceled.", new TimeoutException()));
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = _server.Url }, new KubernetesJson(), handler);

        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            await foreach (var _ in client.WatchAsync<V1ConfigMap>(cancellationToken: Token)) Assert.Fail("There is no event.");
        });
    }

    [Fact]
    public async Task ACutLine_IsABrokenConnection()
    {
        await using var events = Watch(new WatchOptions());
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        await session.SendLineAsync("""{"type":"ADDED","object":{"metadata":{"na""");
        session.Break();

        await Assert.ThrowsAnyAsync<IOException>(async () => await next);
    }

    [Fact]
    public async Task Point13_AWatchThatOutlivesItsTimeout_IsGivenUp()
    {
        var clock = new TestClock();
        using var client = _server.CreateClient(clock);
        await using var events = client.WatchAsync<V1ConfigMap>(null, new WatchOptions { Timeout = TimeSpan.FromMinutes(5) }, Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        clock.Advance(TimeSpan.FromMinutes(6));

        Assert.False(await next);
        await session.Ended.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task Point10_Cancellation_EndsTheWatchAtOnce()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var events = _client.WatchAsync<V1ConfigMap>(cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token);
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        await session.Ended.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    private IAsyncEnumerator<WatchEvent<V1ConfigMap>> Watch(WatchOptions options) =>
        _client.WatchAsync<V1ConfigMap>("default", options, Token).GetAsyncEnumerator(Token);

    private sealed class FailingHandler(Exception failure) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(failure);
    }
}
