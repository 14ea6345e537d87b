using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Informers;

public sealed class StreamingListTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly EventLog _seen = new();
    private ScriptedServer _server = null!;
    private KubernetesClient _client = null!;
    private Informer<V1ConfigMap> _informer = null!;
    private Task _run = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _server.StreamsLists = true;
        _server.Answer = _ => Json.ConfigMaps(10, Json.ConfigMap("listed", 1));
        _client = _server.CreateClient(_clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(30));
        _client.Dispose();
        _stop.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Point07_AStreamingList_EndsAtItsBookmark_BecomesTheCacheAsOne_AndTheWatchGoesOn()
    {
        var watch = await StartAsync();
        await watch.SendAsync("ADDED", Json.ConfigMap("a", 3));
        await watch.SendAsync("ADDED", Json.ConfigMap("b", 2));
        await watch.SendAsync("BOOKMARK", Json.Bookmark(4));
        await watch.SendAsync("ADDED", Json.ConfigMap("c", 5));
        await watch.SendAsync("DELETED", Json.ConfigMap("b", 6));
        await watch.SendAsync("MODIFIED", Json.ConfigMap("a", 7, "new"));
        await _clock.TimerAsync(IsInitialLimit);
        Assert.Equal((0, false), (_informer.Cache.Count, _informer.InitialSync.IsCompleted));
        await watch.SendAsync("BOOKMARK", End(8));
        await watch.SendAsync("MODIFIED", Json.ConfigMap("c", 9));
        await _seen.CountAsync(3);

        Assert.Equal(["+a!", "+c!", "~c"], _seen.Snapshot());
        Assert.Equal("new", _informer.Cache.Get(new EntityKey("default", "a"))!.Data!["k"]);
        await _informer.InitialSync.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(_server.Requests, r => r.IsList);
        var query = watch.Request.Query;
        Assert.Equal(("true", "NotOlderThan", "true"), (query["sendInitialEvents"], query["resourceVersionMatch"], query["allowWatchBookmarks"]));
        Assert.False(query.ContainsKey("resourceVersion"));

        watch.Complete();
        var next = await _server.WatchAsync();
        Assert.Equal("9", next.Request.Query["resourceVersion"]);
        Assert.False(next.Request.Query.ContainsKey("sendInitialEvents"));
    }

    [Fact]
    public async Task Point07_AfterExpired_TheStreamBringsWhatIsNotOlder_ThenTheNewest_AndReportsWhatVanished()
    {
        var watch = await StartAsync();
        await watch.SendAsync("ADDED", Json.ConfigMap("a", 3));
        await watch.SendAsync("BOOKMARK", End(8));
        await watch.ErrorAsync(410, "Expired", "too old resource version");
        watch.Complete();
        var second = await _server.WatchAsync();
        await second.ErrorAsync(410, "Expired", "too old resource version");
        second.Complete();
        var third = await _server.WatchAsync();
        await third.SendAsync("ADDED", Json.ConfigMap("b", 9));
        await third.SendAsync("BOOKMARK", End(20));
        await _seen.CountAsync(3);

        Assert.Equal("8", second.Request.Query["resourceVersion"]);
        Assert.False(third.Request.Query.ContainsKey("resourceVersion"));
        Assert.Equal(["+a!", "+b", "-a?"], _seen.Snapshot());
        Assert.DoesNotContain(_server.Requests, r => r.IsList);
    }

    [Theory]
    [InlineData(422)]
    [InlineData(400)]
    [InlineData(406)]
    [InlineData(501)]
    public async Task Point07_AServerThatRefuses_IsListed_NowAndLater(int code)
    {
        _server.RefuseWatch = request => request.Query.ContainsKey("sendInitialEvents") ? ScriptedAnswer.Failure(code, "Invalid", "no") : null;
        var watch = await StartAsync();
        await watch.ErrorAsync(410, "Expired", "too old resource version");
        watch.Complete();
        await _server.WatchAsync();

        Assert.Equal(2, _server.Requests.Count(r => r.IsList));
        Assert.Single(_server.Requests, r => r.Query.ContainsKey("sendInitialEvents"));
        Assert.Null(_informer.LastError is KubernetesException { IsExpired: true } ? null : _informer.LastError);
    }

    [Fact]
    public async Task Point07_AServerWhoseStorageCannot_SaysSoInTheStream_AndIsListed()
    {
        var watch = await StartAsync();
        // Word for word what a kube-apiserver 1.36 answered.
        await watch.ErrorAsync(
            500, "InternalError", "a watch stream was requested by the client but the required storage feature RequestWatchProgress is disabled");
        watch.Complete();
        var next = await _server.WatchAsync();

        Assert.Equal("10", next.Request.Query["resourceVersion"]);
        Assert.Equal(["+listed!"], _seen.Snapshot());
        await next.ErrorAsync(410, "Expired", "too old resource version");
        next.Complete();
        Assert.False((await _server.WatchAsync()).Request.Query.ContainsKey("sendInitialEvents"));
    }

    [Fact]
    public async Task Point07_AServerThatIgnoresTheParameter_IsListedWhenNothingComesForHalfAMinute()
    {
        var watch = await StartAsync();
        await watch.SendAsync("ADDED", Json.ConfigMap("a", 3));
        Assert.Equal(TimeSpan.FromSeconds(30), await _clock.ElapseAsync(IsInitialLimit));
        var next = await _server.WatchAsync();

        Assert.Equal("10", next.Request.Query["resourceVersion"]);
        Assert.Equal(["+listed!"], _seen.Snapshot());
        await next.ErrorAsync(410, "Expired", "too old resource version");
        next.Complete();
        Assert.False((await _server.WatchAsync()).Request.Query.ContainsKey("sendInitialEvents"));
    }

    [Fact]
    public async Task Point07_AStreamThatBreaksBeforeItsEnd_LeavesTheCacheAsItWas_AndBeginsAnew()
    {
        var watch = await StartAsync();
        await watch.SendAsync("ADDED", Json.ConfigMap("a", 3));
        await watch.SendAsync("BOOKMARK", End(8));
        await watch.ErrorAsync(410, "Expired", "too old resource version");
        watch.Complete();
        var second = await _server.WatchAsync();
        await second.SendAsync("ADDED", Json.ConfigMap("b", 9));
        await _clock.TimerAsync(IsInitialLimit);
        second.Break();
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(0.8));
        var third = await _server.WatchAsync();

        Assert.Equal(["+a!"], _seen.Snapshot());
        Assert.Equal(("true", "8"), (third.Request.Query["sendInitialEvents"], third.Request.Query["resourceVersion"]));
    }

    [Fact]
    public async Task AStreamThatEndsBeforeItsObjects_IsListedOnce()
    {
        var watch = await StartAsync();
        await watch.SendAsync("ADDED", Json.ConfigMap("a", 3));
        watch.Complete();
        var next = await _server.WatchAsync();
        Assert.Equal(["+listed!"], _seen.Snapshot());
        await next.ErrorAsync(410, "Expired", "too old resource version");
        next.Complete();

        Assert.Equal("true", (await _server.WatchAsync()).Request.Query["sendInitialEvents"]);
    }

    [Fact]
    public async Task AnEndWithoutAVersion_IsNoEnd()
    {
        var watch = await StartAsync();
        await watch.SendAsync("ADDED", Json.ConfigMap("a", 3));
        await watch.SendAsync("BOOKMARK", End(8).Replace("\"8\"", "\"\"", StringComparison.Ordinal));
        var next = await _server.WatchAsync();

        Assert.Equal("10", next.Request.Query["resourceVersion"]);
        Assert.Equal(["+listed!"], _seen.Snapshot());
    }

    [Fact]
    public async Task AServerThatIsSlowToAnswer_IsListedOnce()
    {
        var held = new TaskCompletionSource();
        _server.RefuseWatch = request =>
        {
            if (request.Query.ContainsKey("sendInitialEvents")) held.Task.Wait(TimeSpan.FromSeconds(30));
            return null;
        };
        _informer = new Informer<V1ConfigMap>(_client, null, _clock, NullLoggerFactory.Instance, () => 0);
        _informer.AddHandler(_seen.Add);
        _run = _informer.RunAsync(_stop.Token);
        await _server.RequestAsync(r => r.IsWatch);
        await _clock.ElapseAsync(due => due == TimeSpan.FromMinutes(1));
        var next = await _server.RequestAsync(r => r.IsWatch);
        Assert.Equal("10", next.Query["resourceVersion"]);
        held.SetResult();
        WatchSession watch;
        do watch = await _server.WatchAsync();
        while (watch.Request != next);
        await watch.ErrorAsync(410, "Expired", "too old resource version");
        watch.Complete();

        Assert.Equal("true", (await _server.RequestAsync(r => r.IsWatch)).Query["sendInitialEvents"]);
    }

    [Fact]
    public async Task SwitchedOff_NoStreamIsAskedFor()
    {
        var watch = await StartAsync(new InformerOptions<V1ConfigMap> { StreamingList = false });

        Assert.False(watch.Request.Query.ContainsKey("sendInitialEvents"));
        Assert.Equal(["+listed!"], _seen.Snapshot());
    }

    [Fact]
    public async Task TheEndIsSeen_WhateverTheProjectionLeaves()
    {
        var watch = await StartAsync(new InformerOptions<V1ConfigMap> { Projection = JsonProjection.Everything.Without<V1ObjectMeta>("annotations").Without<V1ConfigMap>("data") });
        await watch.SendAsync("ADDED", Json.ConfigMap("a", 3));
        await watch.SendAsync("BOOKMARK", End(8));
        await _informer.InitialSync.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Null(Assert.Single(_informer.Cache.List()).Data);
    }

    private static bool IsInitialLimit(TimeSpan due) => due == TimeSpan.FromSeconds(30);

    private static string End(int version) =>
        Json.Bookmark(version).Replace("\"creationTimestamp\":null", "\"creationTimestamp\":null,\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}", StringComparison.Ordinal);

    private async Task<WatchSession> StartAsync(InformerOptions<V1ConfigMap>? options = null)
    {
        _informer = new Informer<V1ConfigMap>(_client, options, _clock, NullLoggerFactory.Instance, () => 0);
        _informer.AddHandler(_seen.Add);
        _run = _informer.RunAsync(_stop.Token);
        return await _server.WatchAsync();
    }
}
