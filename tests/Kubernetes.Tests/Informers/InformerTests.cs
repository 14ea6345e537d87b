using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using GpuStack.Kubernetes.Client;
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
    public async Task FirstList_TakesTheServersCache_WithoutPages_AndTheWatchGoesOnFromIt()
    {
        Start();
        var watch = await _server.WatchAsync();

        var list = _server.Requests.First(r => r.IsList);
        Assert.Equal("0", list.Query["resourceVersion"]);
        Assert.False(list.Query.ContainsKey("limit"));
        Assert.Equal(("10", "true"), (watch.Request.Query["resourceVersion"], watch.Request.Query["allowWatchBookmarks"]));
        Assert.InRange(int.Parse(watch.Request.Query["timeoutSeconds"], CultureInfo.InvariantCulture), 300, 600);
        Assert.True(_informer.InitialSync.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task InitialSync_ComesAfterTheHandlersKnowTheFirstList()
    {
        Start();
        await _informer.InitialSync.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(["+a!", "+b!"], _seen.Snapshot());
    }

    [Fact]
    public async Task Changes_AreHandedOnInOrder_AndCached()
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
    public async Task CachedObjects_CarryNoManagedFields_AndAreTrimmed()
    {
        _informer = Create(new InformerOptions<V1ConfigMap> { Trim = map => map.Data = null, Namespace = "default", LabelSelector = "x=y" });
        Start();
        await _server.WatchAsync();

        var map = _informer.Cache.Get(new EntityKey("default", "a"))!;
        Assert.Null(map.Metadata.ManagedFields);
        Assert.Null(map.Data);
        Assert.All(_server.Requests, r => Assert.Equal("x=y", r.Query["labelSelector"]));
    }

    [Fact]
    public async Task AWatchThatEnds_IsTakenUpFromTheLastBookmark()
    {
        Start();
        var watch = await _server.WatchAsync();
        await watch.SendAsync("BOOKMARK", Json.Bookmark(40));
        watch.Complete();

        Assert.Equal("40", (await _server.WatchAsync()).Request.Query["resourceVersion"]);
        Assert.Single(_server.Requests, r => r.IsList);
    }

    [Fact]
    public async Task ABrokenConnection_IsTakenUpAfterTheBackOff_WithoutAList()
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
    public async Task Expired_ListsAgain_AndReportsWhatVanished()
    {
        Start();
        var watch = await _server.WatchAsync();
        _server.Answer = _ => Json.ConfigMaps(50, Json.ConfigMap("a", 1), Json.ConfigMap("c", 45));
        await watch.ErrorAsync(410, "Expired", "too old resource version: 10 (40)");
        watch.Complete();

        var next = await _server.WatchAsync();
        Assert.Equal("50", next.Request.Query["resourceVersion"]);
        Assert.Equal("10", _server.Requests.Last(r => r.IsList).Query["resourceVersion"]);
        Assert.Equal(["+a!", "+b!", "+c", "-b"], _seen.Snapshot());
    }

    [Fact]
    public async Task AListThatIsExpired_TakesTheNewest_InPages()
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
        Assert.Equal(["+a!", "+b!", "+d", "-b"], _seen.Snapshot());
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
    public async Task TooManyRequests_BacksOffAsAsked_WithoutAList()
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

    [Fact]
    public async Task AListThatFails_IsRetriedWithGrowingWaits_AndTheErrorIsKept()
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
    public async Task ALateHandler_GetsAReplay()
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
    public async Task IndexEntries_VanishWithTheirObjects()
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
    public async Task Stop_IsPrompt_AlsoDuringABackOff()
    {
        _server.Answer = _ => ScriptedAnswer.Failure(500, "InternalError", "no");
        Start();
        await _clock.TimerAsync(IsBackoff);
        await _stop.CancelAsync();

        await _run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(_informer.InitialSync.IsCanceled);
    }

    [Fact]
    public void BackOff_StartsAnew_AfterTwoHealthyMinutes_AndStretchesByItsOwnLengthAtMost()
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

    /// <summary>What a handler saw: + added, ~ updated, - deleted; ! for the initial list.</summary>
    private sealed class EventLog
    {
        private readonly ConcurrentQueue<string> _entries = new();
        private readonly Channel<bool> _arrived = Channel.CreateUnbounded<bool>();

        public void Add(InformerEvent<V1ConfigMap> change)
        {
            var sign = change.Type switch { InformerEventType.Added => "+", InformerEventType.Updated => "~", _ => "-" };
            _entries.Enqueue($"{sign}{change.Object.Metadata.Name}{(change.IsInitial ? "!" : "")}");
            _arrived.Writer.TryWrite(true);
        }

        public IReadOnlyList<string> Snapshot() => [.. _entries];

        public async Task CountAsync(int count)
        {
            while (_entries.Count < count) await _arrived.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
