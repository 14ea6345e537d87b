using System.Globalization;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Informers;

public sealed class InformerTests : IAsyncLifetime
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
        _client = _server.CreateClient(_clock);
        _server.Answer = _ => Json.ConfigMaps(10, Json.ConfigMap("a", 1), Json.ConfigMap("b", 2));
        _informer = Create(null);
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
    public async Task Point02_TheFirstList_TakesTheServersCache_WithoutPages_AndTheWatchGoesOnFromIt()
    {
        Start();
        var watch = await _server.WatchAsync();

        var list = _server.Requests.First(r => r.IsList);
        Assert.Equal("0", list.Query["resourceVersion"]);
        Assert.False(list.Query.ContainsKey("limit"));
        Assert.Equal(("10", "true"), (watch.Request.Query["resourceVersion"], watch.Request.Query["allowWatchBookmarks"]));
        Assert.InRange(int.Parse(watch.Request.Query["timeoutSeconds"], CultureInfo.InvariantCulture), 300, 600);
        await _informer.InitialSync.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Point01_TheFirstList_IsOfVersionZero_ARelistOfTheLastSeen_AndOfTheNewestAfterExpired()
    {
        Start();
        var watch = await _server.WatchAsync();
        _server.Answer = request => request.Query.ContainsKey("resourceVersion")
            ? ScriptedAnswer.Failure(410, "Expired", "too old resource version")
            : Json.ConfigMaps(60, Json.ConfigMap("a", 1));
        await watch.SendAsync("BOOKMARK", Json.Bookmark(40));
        await watch.ErrorAsync(410, "Expired", "too old resource version: 40 (50)");
        watch.Complete();
        await _server.WatchAsync();

        Assert.Equal(["0", "40", null], _server.Requests.Where(r => r.IsList).Select(r => r.Query.GetValueOrDefault("resourceVersion")));
    }

    [Fact]
    public async Task Point02_PagesThatExpire_AreReadAtOnce()
    {
        Start();
        var watch = await _server.WatchAsync();
        _server.Answer = request => request.Query.ContainsKey("resourceVersion") || request.Query.ContainsKey("continue")
            ? ScriptedAnswer.Failure(410, "Expired", "The provided continue parameter is too old")
            : ScriptedAnswer.List("ConfigMap", "v1", "60", request.Query.ContainsKey("limit") ? "token" : null, Json.ConfigMap("a", 1));
        await watch.ErrorAsync(410, "Expired", "too old resource version: 10 (40)");
        watch.Complete();
        await _server.WatchAsync();

        Assert.Equal([null, null, "500", "500", null], _server.Requests.Where(r => r.IsList).Select(r => r.Query.GetValueOrDefault("limit")));
    }

    [Theory]
    [InlineData(0, "300")]
    [InlineData(0.5, "450")]
    [InlineData(0.999, "599")]
    public async Task Point03_AWatch_LastsFiveToTenMinutes_AndHasBookmarks(double random, string seconds)
    {
        _informer = new Informer<V1ConfigMap>(_client, null, _clock, NullLoggerFactory.Instance, () => random);
        Start();
        var watch = await _server.WatchAsync();

        Assert.Equal((seconds, "true"), (watch.Request.Query["timeoutSeconds"], watch.Request.Query["allowWatchBookmarks"]));
    }

    [Fact]
    public async Task Point05_AListThatIsRefusedForNow_IsAskedForAsTheServerWishes()
    {
        _server.Answer = _ => ScriptedAnswer.Failure(429, "TooManyRequests", "later") with { Headers = new Dictionary<string, string> { ["Retry-After"] = "7" } };
        Start();
        var wait = await _clock.TimerAsync(IsBackoff);
        _server.Answer = _ => Json.ConfigMaps(10, Json.ConfigMap("a", 1));
        _clock.Advance(wait);
        await _server.WatchAsync();

        Assert.Equal(TimeSpan.FromSeconds(7), wait);
        Assert.Equal(["0", "0"], _server.Requests.Where(r => r.IsList).Select(r => r.Query["resourceVersion"]));
    }

    [Fact]
    public async Task Point06_GoneAsAnAnswer_ListsAgain()
    {
        Start();
        var watch = await _server.WatchAsync();
        var refusals = 1;
        _server.RefuseWatch = _ => Interlocked.Decrement(ref refusals) >= 0 ? ScriptedAnswer.Failure(410, "Expired", "too old resource version") : null;
        watch.Complete();
        await _clock.ElapseAsync(IsBackoff);
        await _server.WatchAsync();

        Assert.Equal(["0", "10"], _server.Requests.Where(r => r.IsList).Select(r => r.Query["resourceVersion"]));
    }

    [Fact]
    public async Task Point08_ANamesakeWithAnotherUid_IsAnotherObject()
    {
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("ADDED", Json.ConfigMap("a", 11, uid: "second"));
        await _seen.CountAsync(4);
        _server.Answer = _ => Json.ConfigMaps(50, Json.ConfigMap("a", 11, uid: "second"), Json.ConfigMap("b", 45, uid: "third"));
        await watch.ErrorAsync(410, "Expired", "too old resource version: 11 (40)");
        watch.Complete();
        await _seen.CountAsync(6);

        Assert.Equal(["+a!", "+b!", "-a?", "+a", "-b?", "+b"], _seen.Snapshot());
        Assert.Equal("third", _informer.Cache.Get(new EntityKey("default", "b"))!.Metadata.Uid);
    }

    [Fact]
    public async Task Point09_AHandlerThatWasRemoved_HearsNoMore()
    {
        _informer = Create(null, subscribe: false);
        var removed = new EventLog();
        var subscription = _informer.AddHandler(removed.Add);
        _informer.AddHandler(_seen.Add);
        Start();
        var watch = await _server.WatchAsync();
        subscription.Dispose();
        await watch.SendAsync("MODIFIED", Json.ConfigMap("a", 11));
        await _seen.CountAsync(3);

        Assert.Equal(["+a!", "+b!"], removed.Snapshot());
    }

    [Fact]
    public async Task Point10_Stop_IsPrompt_AlsoWhileAListIsHandedOn()
    {
        _server.Answer = _ => Json.ConfigMaps(10, [.. Enumerable.Range(0, 500).Select(i => Json.ConfigMap($"map-{i}", 1))]);
        _informer = Create(null, subscribe: false);
        _informer.AddHandler(change =>
        {
            _seen.Add(change);
            _stop.Cancel();
        });
        Start();
        await _run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Single(_seen.Snapshot());
        Assert.True(_informer.InitialSync.IsCanceled);
    }

    [Fact]
    public async Task Point10_Stop_IsPrompt_AlsoWhileABodyIsSlow()
    {
        await using var slow = new PipedAnswer();
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = _server.Url }, new KubernetesJson(), slow, _clock);
        _informer = new Informer<V1ConfigMap>(client, new InformerOptions<V1ConfigMap> { StreamingList = false }, _clock, NullLoggerFactory.Instance, () => 0);
        Start();
        await slow.WriteAsync("""{"kind":"ConfigMapList","metadata":{"resourceVersion":"1"},"items":[""" + Json.ConfigMap("a", 1) + ",");
        await slow.ReadToTheEndAsync();
        await _stop.CancelAsync();

        await _run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Point11_WhatIsCached_IsWhatHandlersWereGiven_AndNeverChanges()
    {
        var json = new KubernetesJson();
        var given = new List<(V1ConfigMap Object, string Text)>();
        string Text(V1ConfigMap map) => System.Text.Json.JsonSerializer.Serialize(map, json.TypeInfo<V1ConfigMap>());
        _informer = Create(new InformerOptions<V1ConfigMap> { Trim = map => map.Metadata.CreationTimestamp = null }, subscribe: false);
        _informer.AddHandler(change => given.Add((change.Object, Text(change.Object))));
        _informer.AddHandler(_seen.Add);
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("MODIFIED", Json.ConfigMap("a", 11, "new"));
        await watch.SendAsync("DELETED", Json.ConfigMap("b", 12));
        await _seen.CountAsync(4);
        _server.Answer = _ => Json.ConfigMaps(50, Json.ConfigMap("a", 11, "new"), Json.ConfigMap("c", 45));
        await watch.ErrorAsync(410, "Expired", "too old resource version: 12 (40)");
        watch.Complete();
        await _seen.CountAsync(5);

        Assert.All(given, one => Assert.Equal(one.Text, Text(one.Object)));
        Assert.Same(given.Last(one => one.Object.Metadata.Name == "a").Object, _informer.Cache.Get(new EntityKey("default", "a")));
    }

    [Fact]
    public async Task Point13_AWatchInWhichNothingArrives_IsTakenUpWhereItStood_WithoutAList()
    {
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("MODIFIED", Json.ConfigMap("a", 11));
        await _seen.CountAsync(3);
        await _clock.ElapseAsync(due => due == TimeSpan.FromMinutes(3));
        var next = await _server.WatchAsync();

        Assert.Equal("11", next.Request.Query["resourceVersion"]);
        Assert.Single(_server.Requests, r => r.IsList);
        await watch.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ABookmark_KeepsAWatchAlive()
    {
        Start();
        var watch = await _server.WatchAsync();
        await _clock.TimerAsync(due => due == TimeSpan.FromMinutes(3));
        _clock.Advance(TimeSpan.FromMinutes(2));
        await watch.SendAsync("BOOKMARK", Json.Bookmark(20));
        await _clock.TimerAsync(due => due == TimeSpan.FromMinutes(3));
        _clock.Advance(TimeSpan.FromMinutes(2));
        await watch.SendAsync("MODIFIED", Json.ConfigMap("a", 21));
        await _seen.CountAsync(3);

        Assert.Single(_server.Requests, r => r.IsWatch);
    }

    [Fact]
    public async Task Resync_HandsEveryObjectOutAgain()
    {
        _informer = Create(new InformerOptions<V1ConfigMap> { ResyncPeriod = TimeSpan.FromHours(1), IdleTimeout = TimeSpan.FromHours(3) });
        Start();
        await _server.WatchAsync();
        await _clock.TimerAsync(due => due == TimeSpan.FromHours(1));
        _clock.Advance(TimeSpan.FromHours(1));
        await _seen.CountAsync(4);

        Assert.Equal(["+a!", "+b!", "~a@", "~b@"], _seen.Snapshot());
    }

    [Fact]
    public async Task ObjectsWithoutNameOrOfAnotherKind_ArePassedOver()
    {
        const string Nameless = """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"7"}}""";
        const string Without = """{"kind":"ConfigMap","apiVersion":"v1","metadata":null}""";
        const string Table = """{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"default","resourceVersion":"13"}}""";
        _server.Answer = _ => Json.ConfigMaps(10, Nameless, Json.ConfigMap("a", 1), Table, Without);
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("ADDED", Nameless);
        await watch.SendAsync("MODIFIED", Without);
        await watch.SendAsync("DELETED", Table);
        await watch.SendAsync("ADDED", Json.ConfigMap("b", 14));
        await _seen.CountAsync(2);

        Assert.Equal(["+a!", "+b"], _seen.Snapshot());
        Assert.Equal(2, _informer.Cache.Count);
    }

    [Fact]
    public async Task AnIndexThatFailsOnAnObject_DoesNotHideItFromOthers()
    {
        _informer.AddIndex("bad", map => map.Metadata.Name == "a" ? throw new InvalidOperationException("bad index") : ["v"]);
        _informer.AddIndex("null", map => [map.Metadata.GenerateName!]);
        _informer.AddIndex("value", map => [map.Data!["k"]]);
        Start();
        await _server.WatchAsync();

        Assert.Equal("b", Assert.Single(_informer.Cache.ListByIndex("bad", "v")).Metadata.Name);
        Assert.Equal(2, _informer.Cache.ListByIndex("value", "v").Count);
    }

    [Fact]
    public async Task InitialSync_ComesAfterTheHandlersKnowTheFirstList()
    {
        Start();
        await _informer.InitialSync.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(["+a!", "+b!"], _seen.Snapshot());
    }

    [Fact]
    public async Task Point09_Changes_AreHandedOnInOrder_AndCached()
    {
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("MODIFIED", Json.ConfigMap("a", 11, "new"));
        await watch.SendAsync("ADDED", Json.ConfigMap("c", 12));
        await watch.SendAsync("DELETED", Json.ConfigMap("b", 13));
        await _seen.CountAsync(5);

        Assert.Equal(["+a!", "+b!", "~a", "+c", "-b"], _seen.Snapshot());
        Assert.Equal("new", _informer.Cache.Get(new EntityKey("default", "a"))!.Data!["k"]);
        Assert.Null(_informer.Cache.Get(new EntityKey("default", "b")));
        Assert.Equal(2, _informer.Cache.Count);
    }

    [Fact]
    public async Task CachedObjects_AreTrimmed()
    {
        _informer = Create(new InformerOptions<V1ConfigMap> { Trim = map => map.Data = null, Namespaces = ["default"], LabelSelector = "x=y" });
        Start();
        await _server.WatchAsync();

        var map = _informer.Cache.Get(new EntityKey("default", "a"))!;
        Assert.Null(map.Data);
        Assert.All(_server.Requests, r => Assert.Equal("x=y", r.Query["labelSelector"]));
    }

    [Fact]
    public async Task Point03_AWatchThatEnds_IsTakenUpFromTheLastBookmark()
    {
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("BOOKMARK", Json.Bookmark(40));
        watch.Complete();

        Assert.Equal("40", (await _server.WatchAsync()).Request.Query["resourceVersion"]);
        Assert.Single(_server.Requests, r => r.IsList);
    }

    [Fact]
    public async Task Point04_ABrokenConnection_IsTakenUpAfterTheBackOff_WithoutAList()
    {
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("MODIFIED", Json.ConfigMap("a", 11));
        await _seen.CountAsync(3);
        watch.Break();

        Assert.Equal(TimeSpan.FromSeconds(0.8), await _clock.ElapseAsync(IsBackoff));
        Assert.Equal("11", (await _server.WatchAsync()).Request.Query["resourceVersion"]);
        Assert.Single(_server.Requests, r => r.IsList);
    }

    [Fact]
    public async Task Point08_Expired_ListsAgain_AndReportsWhatVanished()
    {
        Start();
        var watch = await _server.WatchAsync();
        _server.Answer = _ => Json.ConfigMaps(50, Json.ConfigMap("a", 1), Json.ConfigMap("c", 45));
        await watch.ErrorAsync(410, "Expired", "too old resource version: 10 (40)");
        watch.Complete();

        var next = await _server.WatchAsync();
        Assert.Equal("50", next.Request.Query["resourceVersion"]);
        Assert.Equal("10", _server.Requests.Last(r => r.IsList).Query["resourceVersion"]);
        Assert.Equal(["+a!", "+b!", "+c", "-b?"], _seen.Snapshot());
    }

    [Fact]
    public async Task Point01_AListThatIsExpired_TakesTheNewest_InPages()
    {
        Start();
        var watch = await _server.WatchAsync();
        _server.Answer = request => request.Query.ContainsKey("resourceVersion")
            ? ScriptedAnswer.Failure(410, "Expired", "too old resource version")
            : request.Query.ContainsKey("continue")
                ? Json.ConfigMaps(60, Json.ConfigMap("d", 55))
                : ScriptedAnswer.List("ConfigMap", "v1", "60", "token", Json.ConfigMap("a", 1));
        await watch.ErrorAsync(410, "Expired", "too old resource version: 10 (40)");
        watch.Complete();

        Assert.Equal("60", (await _server.WatchAsync()).Request.Query["resourceVersion"]);
        Assert.Equal("500", _server.Requests.Last(r => r.IsList).Query["limit"]);
        Assert.Equal(["+a!", "+b!", "+d", "-b?"], _seen.Snapshot());
    }

    [Fact]
    public async Task AServerThatHasForgottenTheFuture_IsListedAnew()
    {
        Start();
        var watch = await _server.WatchAsync();
        _server.Answer = _ => Json.ConfigMaps(3, Json.ConfigMap("a", 2));
        await watch.ErrorAsync(504, "Timeout", "Timeout: Too large resource version: 10, current: 3");
        watch.Complete();

        Assert.Equal("3", (await _server.WatchAsync()).Request.Query["resourceVersion"]);
        Assert.False(_server.Requests.Last(r => r.IsList).Query.ContainsKey("resourceVersion"));
    }

    [Fact]
    public async Task Point05_TooManyRequests_BacksOffAsAsked_WithoutAList()
    {
        _server.RefuseWatch = _ => new ScriptedAnswer(429, "", "text/plain") { Headers = new Dictionary<string, string> { ["Retry-After"] = "3" } };
        Start();
        var first = await _clock.TimerAsync(IsBackoff);
        _server.RefuseWatch = _ => null;
        _clock.Advance(first);

        Assert.Equal(TimeSpan.FromSeconds(3), first);
        Assert.Equal("10", (await _server.WatchAsync()).Request.Query["resourceVersion"]);
        Assert.Single(_server.Requests, r => r.IsList);
    }

    [Theory]
    [InlineData("5000000", "")]
    [InlineData("1", """{"kind":"Status","code":429,"details":{"retryAfterSeconds":2147483647}}""")]
    public async Task Point05_AServerThatAsksToWaitForMonths_IsAskedAgainInMinutes(string retryAfter, string body)
    {
        _server.RefuseWatch = _ => new ScriptedAnswer(429, body) { Headers = new Dictionary<string, string> { ["Retry-After"] = retryAfter } };
        Start();
        var wait = await _clock.TimerAsync(due => due == TimeSpan.FromMinutes(5));
        _server.RefuseWatch = _ => null;
        _clock.Advance(wait);

        Assert.Equal("10", (await _server.WatchAsync()).Request.Query["resourceVersion"]);
    }

    [Fact]
    public async Task AnEventThatCannotBeRead_IsPassedByAList_AsTheWatchWouldOnlyBringItAgain()
    {
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("MODIFIED", """{"kind":"ConfigMap","metadata":{"name":"a","namespace":"default","resourceVersion":"11"},"data":{"k":5}}""");
        await _clock.ElapseAsync(IsBackoff);
        await _server.WatchAsync();

        Assert.Equal(["0", "10"], _server.Requests.Where(r => r.IsList).Select(r => r.Query["resourceVersion"]));
    }

    [Fact]
    public async Task WatchesThatEndAtOnce_WithoutAnythingNew_AreWaitedBetween()
    {
        Start();
        for (var i = 0; i < 3; i++)
        {
            var watch = await _server.WatchAsync();
            await watch.SendAsync("BOOKMARK", Json.Bookmark(10));
            watch.Complete();
            await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(0.8 * (1 << i)));
        }
    }

    [Fact]
    public async Task AFailureWhoseCausesAreNull_IsAFailureLikeOthers()
    {
        _server.Answer = _ => new ScriptedAnswer(500, """{"kind":"Status","code":500,"message":"m","details":{"causes":[null,{"reason":"r"}]}}""");
        Start();
        await _clock.ElapseAsync(IsBackoff);
        await _clock.ElapseAsync(IsBackoff);

        Assert.Equal("r", Assert.Single(Assert.IsType<KubernetesException>(_informer.LastError).Status.Details!.Causes!).Reason);
    }

    [Fact]
    public async Task Point04_AListThatFails_IsRetriedWithGrowingWaits_AndTheErrorIsKept()
    {
        _server.Answer = _ => ScriptedAnswer.Failure(403, "Forbidden", "configmaps is forbidden");
        Start();
        var waits = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            waits.Add((await _clock.ElapseAsync(IsBackoff)).TotalSeconds);
        }

        Assert.Equal([0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30], waits);
        Assert.Equal("configmaps is forbidden", _informer.LastError!.Message);
        Assert.False(_informer.InitialSync.IsCompleted);
    }

    [Fact]
    public async Task Point09_ALateHandler_GetsAReplay()
    {
        Start();
        await _server.WatchAsync();
        var late = new EventLog();
        _informer.AddHandler(late.Add);

        Assert.Equal(["+a!", "+b!"], late.Snapshot().Order());
    }

    [Fact]
    public async Task AHandlerThatThrows_DoesNotDisturbTheOthers()
    {
        _informer = Create(null, subscribe: false);
        _informer.AddHandler(_ => throw new InvalidOperationException("bad handler"));
        _informer.AddHandler(_seen.Add);
        Start();
        await _server.WatchAsync();

        Assert.Equal(2, _seen.Snapshot().Count);
    }

    [Fact]
    public async Task Point12_IndexEntries_VanishWithTheirObjects()
    {
        _informer.AddIndex("value", map => [map.Data!["k"]]);
        Start();
        var watch = await _server.WatchAsync();
        Assert.Equal(2, _informer.Cache.ListByIndex("value", "v").Count);
        await watch.SendAsync("MODIFIED", Json.ConfigMap("a", 11, "w"));
        await watch.SendAsync("DELETED", Json.ConfigMap("b", 12));
        await _seen.CountAsync(4);

        Assert.Empty(_informer.Cache.ListByIndex("value", "v"));
        Assert.Equal("a", Assert.Single(_informer.Cache.ListByIndex("value", "w")).Metadata.Name);
        Assert.Throws<ArgumentException>(() => _informer.Cache.ListByIndex("none", "v"));
    }

    [Fact]
    public async Task Point10_Stop_IsPrompt_AlsoDuringABackOff()
    {
        _server.Answer = _ => ScriptedAnswer.Failure(500, "InternalError", "no");
        Start();
        await _clock.TimerAsync(IsBackoff);
        await _stop.CancelAsync();

        await _run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(_informer.InitialSync.IsCanceled);
    }

    [Fact]
    public void Point04_BackOff_StartsAnew_AfterTwoHealthyMinutes_AndStretchesByItsOwnLengthAtMost()
    {
        var backoff = new InformerBackoff(_clock, () => 0.5);
        Assert.Equal(1.2, backoff.Next().TotalSeconds, 6);
        Assert.Equal(2.4, backoff.Next().TotalSeconds, 6);
        _clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(1.2, backoff.Next().TotalSeconds, 6);
    }

    private static bool IsBackoff(TimeSpan due) => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(30);

    private Informer<V1ConfigMap> Create(InformerOptions<V1ConfigMap>? options, bool subscribe = true)
    {
        var informer = new Informer<V1ConfigMap>(_client, options, _clock, NullLoggerFactory.Instance, () => 0);
        if (subscribe) informer.AddHandler(_seen.Add);
        return informer;
    }

    private void Start() => _run = _informer.RunAsync(_stop.Token);
}
