using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer;

public sealed class WatchTests
{
    private const string Gizmos = "/apis/test.gpustack.io/v1/namespaces/default/gizmos";

    [Fact]
    public async Task Watch_FromAListsVersion_SendsEveryChange()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        await CreateAsync(fixture, "a", "1");
        var (_, list) = await fixture.SendAsync(HttpMethod.Get, Gizmos);
        await CreateAsync(fixture, "b", "1");
        await fixture.SendAsync(HttpMethod.Delete, $"{Gizmos}/a");

        var events = await ReadAsync(fixture, $"{Gizmos}?watch=true&resourceVersion={list["metadata"]!["resourceVersion"]}", 2);

        Assert.Equal(["ADDED b", "DELETED a"], events.Select(Show));
    }

    [Fact]
    public async Task Watch_WithASelector_SendsEnteringAndLeavingObjects()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        await CreateAsync(fixture, "a", "1");
        var (_, list) = await fixture.SendAsync(HttpMethod.Get, Gizmos);
        await LabelAsync(fixture, "a", "2");
        await LabelAsync(fixture, "a", "3");
        await LabelAsync(fixture, "a", "2");
        await fixture.SendAsync(HttpMethod.Delete, $"{Gizmos}/a");

        var events = await ReadAsync(fixture, $"{Gizmos}?watch=true&labelSelector=l%3D2&resourceVersion={list["metadata"]!["resourceVersion"]}", 4);

        Assert.Equal(["ADDED a", "DELETED a", "ADDED a", "DELETED a"], events.Select(Show));
    }

    [Fact]
    public async Task Watch_WithInitialEvents_EndsThemWithABookmark()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        await CreateAsync(fixture, "a", "1");

        var events = await ReadAsync(
            fixture, $"{Gizmos}?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", 2);

        Assert.Equal("ADDED a", Show(events[0]));
        Assert.Equal("BOOKMARK", events[1]["type"].AsText());
        Assert.Equal("true", events[1]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"].AsText());
        Assert.Equal(fixture.Store.ResourceVersion.ToString(), events[1]["object"]!["metadata"]!["resourceVersion"].AsText());
    }

    [Fact]
    public async Task Watch_FromBeforeACompaction_IsAnsweredWithExpired()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        await CreateAsync(fixture, "a", "1");
        fixture.Store.Compact();

        var events = await ReadAsync(fixture, $"{Gizmos}?watch=true&resourceVersion=1", 1);

        Assert.Equal("ERROR", events[0]["type"].AsText());
        Assert.Equal("Expired", events[0]["object"]!["reason"].AsText());
        Assert.Equal(410, events[0]["object"]!["code"].AsLong());
        Assert.StartsWith("too old resource version: 1 (", events[0]["object"]!["message"].AsText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_WithoutChanges_EndsWithABookmarkOfTheClustersVersion()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        await CreateAsync(fixture, "a", "1");
        var from = fixture.Store.ResourceVersion;
        await fixture.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "other" } });

        var events = await ReadAsync(fixture, $"{Gizmos}?watch=true&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion={from}", int.MaxValue);

        var bookmark = Assert.Single(events);
        Assert.Equal("BOOKMARK", bookmark["type"].AsText());
        Assert.Equal($"{from + 1}", bookmark["object"]!["metadata"]!["resourceVersion"].AsText());
    }

    [Fact]
    public async Task Watch_WithASelector_ShowsALeavingObjectAsItWasSelected()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        await CreateAsync(fixture, "a", "1");
        var from = fixture.Store.ResourceVersion;
        var (_, left) = await LabelAsync(fixture, "a", "2");

        var events = await ReadAsync(fixture, $"{Gizmos}?watch=true&labelSelector=l%3D1&resourceVersion={from}", 1);

        var metadata = events[0]["object"]!["metadata"]!;
        Assert.Equal("DELETED", events[0]["type"].AsText());
        Assert.Equal("1", metadata["labels"]!["l"].AsText());
        Assert.Equal(left["metadata"]!["resourceVersion"].AsText(), metadata["resourceVersion"].AsText());
    }

    [Fact]
    public async Task Watch_WhoseReaderIsTooFarBehind_EndsAfterWhatItHolds()
    {
        var store = new ClusterStore(TimeProvider.System);
        using var watch = store.Watch(BuiltInResources.ConfigMaps, "default", from: null, limit: 2);
        foreach (var name in (string[])["a", "b", "c", "d"])
            store.Create(BuiltInResources.ConfigMaps, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" } });

        var seen = new List<StoreEvent>();
        await foreach (var change in watch.Events.ReadAllAsync(TestContext.Current.CancellationToken))
            seen.Add(change);

        Assert.Equal(["a", "b"], seen.Select(change => change.Object.Name));
        using var next = store.Watch(BuiltInResources.ConfigMaps, "default", seen[^1].Object.ResourceVersion);
        Assert.True(next.Events.TryRead(out var following));
        Assert.Equal("c", following.Object.Name);
    }

    [Fact]
    public async Task Watch_UnderManyWriters_MissesNothingAndRepeatsNothing()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        const int Writers = 8;
        const int Each = 40;
        var from = fixture.Store.ResourceVersion;
        var watches = Enumerable.Range(0, 4).Select(_ => ReadAsync(fixture, $"{Gizmos}?watch=true&resourceVersion={from}", Writers * Each * 2)).ToList();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var i = 0; i < Each; i++)
            {
                await CreateAsync(fixture, $"g-{writer}-{i}", "1");
                if (i % 2 == 0)
                    await fixture.SendAsync(HttpMethod.Delete, $"{Gizmos}/g-{writer}-{i}");
                else
                    await LabelAsync(fixture, $"g-{writer}-{i}", "2");
            }
        }));

        foreach (var events in await Task.WhenAll(watches))
        {
            var versions = events.Select(change => long.Parse(change["object"]!["metadata"]!["resourceVersion"].AsText()!)).ToList();
            Assert.Equal(versions.Order().Distinct(), versions);
            var live = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var change in events)
            {
                var name = change["object"]!["metadata"]!["name"].AsText()!;
                Assert.True(change["type"].AsText() switch { "ADDED" => live.Add(name), "DELETED" => live.Remove(name), _ => live.Contains(name) });
            }

            var (_, list) = await fixture.SendAsync(HttpMethod.Get, Gizmos);
            Assert.Equal(live, list["items"]!.AsArray().Select(item => item!["metadata"]!["name"].AsText()!).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Watch_OfTables_DefinesItsColumnsOnce()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        await CreateAsync(fixture, "a", "1");
        await CreateAsync(fixture, "b", "1");

        var events = await ReadAsync(fixture, $"{Gizmos}?watch=true", 2, "application/json;as=Table;v=v1;g=meta.k8s.io");

        Assert.Equal(5, events[0]["object"]!["columnDefinitions"]!.AsArray().Count);
        Assert.Empty(events[1]["object"]!["columnDefinitions"]!.AsArray());
        Assert.Equal("b", events[1]["object"]!["rows"]![0]!["cells"]![0].AsText());
    }

    [Fact]
    public async Task Watch_WhoseTimeIsOver_Ends()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);

        var events = await ReadAsync(fixture, $"{Gizmos}?watch=true&timeoutSeconds=1", int.MaxValue);

        Assert.Empty(events);
    }

    [Fact]
    public async Task Dispose_WithARunningWatch_EndsIt()
    {
        var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        using var response = await fixture.Client.GetAsync(
            $"{Gizmos}?watch=true", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        await fixture.Server.DisposeAsync();

        Assert.Equal(0, await stream.ReadAsync(new byte[16], TestContext.Current.CancellationToken));
        await fixture.DisposeAsync();
    }

    private static string Show(JsonNode change) => $"{change["type"]} {change["object"]!["metadata"]!["name"]}";

    private static Task<(int Status, JsonNode Body)> CreateAsync(ApiServerFixture fixture, string name, string label) => fixture.SendAsync(HttpMethod.Post, Gizmos, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["l"] = label } },
        ["spec"] = new JsonObject { ["color"] = "red" },
    });

    private static Task<(int Status, JsonNode Body)> LabelAsync(ApiServerFixture fixture, string name, string label) => fixture.SendAsync(
        HttpMethod.Patch, $"{Gizmos}/{name}",
        new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["l"] = label } } }, "application/merge-patch+json");

    private static async Task<List<JsonNode>> ReadAsync(ApiServerFixture fixture, string path, int count, string accept = "application/json")
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await fixture.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var events = new List<JsonNode>();
        while (events.Count < count && await reader.ReadLineAsync(cancellationToken) is { } line)
            events.Add(JsonNode.Parse(line)!);
        return events;
    }
}
