using GpuStack.Faults.Plans;
using GpuStack.Faults.Serving;
using GpuStack.Faults.Storage;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Faults;

/// <summary>The faulty server is right where it does not mean to be wrong.</summary>
public sealed class FaultServerTests : IAsyncLifetime
{
    private readonly VersionedStore _store = new(window: 6);
    private readonly ScriptedFaultPlan _plan = new();
    private FaultServer _server = null!;
    private KubernetesClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _server = FaultServer.Start(_store, new FaultServerOptions { Plan = _plan });
        _client = new KubernetesClient(new KubernetesClientConfiguration { Server = _server.Url }, new KubernetesJson());
        for (var i = 0; i < 5; i++) Put($"c{i}", "first");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Pages_AreOfOneState_UntilItIsExpired()
    {
        var first = await _client.ListAsync<V1ConfigMap>(null, new ListOptions { Limit = 2 }, Token);
        Put("c3", "second");
        _store.Delete(ServedResource.ConfigMaps, "default", "c4");
        var second = await _client.ListAsync<V1ConfigMap>(null, new ListOptions { Limit = 5, Continue = first.Metadata.Continue }, Token);

        Assert.Equal(["c0", "c1"], first.Items.Select(item => item.Metadata.Name));
        Assert.Equal(3, first.Metadata.RemainingItemCount);
        Assert.Equal(["c2 first", "c3 first", "c4 first"], second.Items.Select(item => $"{item.Metadata.Name} {item.Data!["value"]}"));
        Assert.Equal(first.Metadata.ResourceVersion, second.Metadata.ResourceVersion);

        _store.Compact();
        var late = await Assert.ThrowsAsync<KubernetesException>(
            () => _client.ListAsync<V1ConfigMap>(null, new ListOptions { Limit = 5, Continue = first.Metadata.Continue }, Token));
        Assert.True(late.IsExpired);
    }

    [Fact]
    public async Task AWatch_ShowsWhatItsSelectorSees_FromItsVersionOn()
    {
        var from = _store.Version;
        Put("c0", "b", team: "b");
        Put("c1", "second");
        Put("c2", "b", team: "b");
        Put("c2", "back");
        _store.Delete(ServedResource.ConfigMaps, "default", "c3");

        var seen = await WatchAsync(new WatchOptions { LabelSelector = "team=a", ResourceVersion = $"{from}" }, 5);

        Assert.Equal(["Deleted c0 first", "Modified c1 second", "Deleted c2 first", "Added c2 back", "Deleted c3 first"], seen);
    }

    [Fact]
    public async Task AWatchFromAVersionOutOfTheWindow_IsExpired()
    {
        var from = _store.Version;
        for (var i = 0; i < 20; i++) Put("c0", $"{i}");

        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => WatchAsync(new WatchOptions { ResourceVersion = $"{from}" }, 1))).IsExpired);
        Assert.Equal(1, _server.Counts.Expired);
    }

    [Fact]
    public async Task AWatchFromTheFuture_IsTooLarge()
    {
        var error = await Assert.ThrowsAsync<KubernetesException>(() => WatchAsync(new WatchOptions { ResourceVersion = "99999" }, 1));

        Assert.Equal("ResourceVersionTooLarge", error.Status.Details!.Causes![0].Reason);
        Assert.Equal(504, error.Status.Code);
    }

    [Fact]
    public async Task AWatchWithoutAVersion_BeginsWithWhatIsThere()
    {
        Assert.Equal(
            ["Added c0 first", "Added c1 first", "Added c2 first", "Added c3 first", "Added c4 first"], await WatchAsync(new WatchOptions(), 5));
    }

    [Fact]
    public async Task AStreamingList_EndsWithItsBookmark()
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        await using var body = await http.GetStreamAsync(
            new Uri("api/v1/configmaps?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=", UriKind.Relative), Token);
        using var reader = new StreamReader(body);
        for (var i = 0; i < 5; i++) Assert.StartsWith("""{"type":"ADDED",""", await reader.ReadLineAsync(Token));

        var bookmark = (await reader.ReadLineAsync(Token))!;
        Assert.StartsWith("""{"type":"BOOKMARK",""", bookmark);
        Assert.Contains($"\"resourceVersion\":\"{_store.Version}\"", bookmark);
        Assert.Contains("""{"k8s.io/initial-events-end":"true"}""", bookmark);
    }

    [Theory]
    [InlineData(FaultKind.CutChunk)]
    [InlineData(FaultKind.ChunkHeaderOnly)]
    [InlineData(FaultKind.Reset)]
    public async Task ABrokenBody_IsSeenAsOne(FaultKind kind)
    {
        _plan.NextList(new Fault(kind));
        using var http = new HttpClient { BaseAddress = _server.Url };

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetStringAsync(new Uri("api/v1/configmaps", UriKind.Relative), Token));
    }

    private void Put(string name, string value, string team = "a") =>
        _store.Put(ServedResource.ConfigMaps, "default", name, value, new Dictionary<string, string> { ["team"] = team });

    private async Task<List<string>> WatchAsync(WatchOptions options, int count)
    {
        var seen = new List<string>();
        await foreach (var change in _client.WatchAsync<V1ConfigMap>(null, options, Token))
        {
            seen.Add($"{change.Type} {change.Object.Metadata.Name} {change.Object.Data!["value"]}");
            if (seen.Count == count) break;
        }

        return seen;
    }
}
