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
