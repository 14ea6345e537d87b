using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Informers;

/// <summary>One cache over some namespaces.</summary>
public sealed class NamespacesTests : IAsyncLifetime
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
        _server.Answer = request => Json.ConfigMaps(10, InNamespace(request, "x", 1), InNamespace(request, "y", 2));
        _informer = new Informer<V1ConfigMap>(_client, new InformerOptions<V1ConfigMap> { Namespaces = ["a", "b", "a"] }, _clock, NullLoggerFactory.Instance, () => 0);
        _informer.AddHandler(_seen.Add);
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
    public async Task EachNamespace_IsFollowedByItself_AndNothingIsAskedOfAllOfThem()
    {
        await StartAsync();

        Assert.Equal(["a/x", "a/y", "b/x", "b/y"], Cached());
        Assert.Equal(["+x!", "+x!", "+y!", "+y!"], _seen.Snapshot().Order(StringComparer.Ordinal));
        Assert.Equal(
            ["/api/v1/namespaces/a/configmaps", "/api/v1/namespaces/b/configmaps"],
            _server.Requests.Select(request => request.Path).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(2, _server.Requests.Count(request => request.IsList));
    }

    [Fact]
    public async Task WhatVanishedFromOneNamespace_IsDeleted_AndTheOthersStay()
    {
        var watches = await StartAsync();
        _server.Answer = request => Json.ConfigMaps(30, InNamespace(request, "y", 2));

        await watches["a"].SendAsync("ERROR", ScriptedAnswer.StatusBody(410, "Expired", "too old resource version"));
        await _seen.CountAsync(5);

        Assert.Equal("-x?", _seen.Snapshot()[^1]);
        Assert.Equal(["a/y", "b/x", "b/y"], Cached());
    }

    [Fact]
    public async Task InitialSync_WaitsForEveryNamespace_AndTheErrorIsThatOfTheOneThatIsMissing()
    {
        _server.Answer = request => request.Path.Contains("/b/", StringComparison.Ordinal)
            ? ScriptedAnswer.Failure(403, "Forbidden", "configmaps is forbidden in b")
            : Json.ConfigMaps(10, InNamespace(request, "x", 1));
        _run = _informer.RunAsync(_stop.Token);
        await _seen.CountAsync(1);
        await Eventually.IsTrueAsync(() => _informer.LastError is not null);

        Assert.False(_informer.InitialSync.IsCompleted);
        Assert.Contains("forbidden in b", _informer.LastError!.Message, StringComparison.Ordinal);
        Assert.Equal(["a/x"], Cached());
    }

    [Fact]
    public void WhatIsInNoNamespace_CannotBeFollowedInOne() => Assert.Throws<ArgumentException>(
        () => new Informer<V1Node>(_client, new InformerOptions<V1Node> { Namespaces = ["a"] }, _clock, NullLoggerFactory.Instance));

    private async Task<Dictionary<string, WatchSession>> StartAsync()
    {
        _run = _informer.RunAsync(_stop.Token);
        var watches = new List<WatchSession> { await _server.WatchAsync(), await _server.WatchAsync() };
        await _informer.InitialSync.WaitAsync(TimeSpan.FromSeconds(30));
        return watches.ToDictionary(watch => watch.Request.Path.Split('/')[4]);
    }

    private IEnumerable<string> Cached() => _informer.Cache.List().Select(map => EntityKey.Of(map).ToString()).Order(StringComparer.Ordinal);

    private static string InNamespace(RecordedRequest request, string name, int version)
    {
        var space = request.Path.Split('/')[4];
        return Json.ConfigMap(name, version, uid: $"{space}-{name}").Replace("\"namespace\":\"default\"", $"\"namespace\":\"{space}\"", StringComparison.Ordinal);
    }
}
