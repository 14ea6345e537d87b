using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Client;

/// <summary>How lists and events are read: as they arrive, without what nobody keeps, within bounds.</summary>
public class ReadingTests
{
    private static readonly KubernetesJson Reading = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Point42_FieldsThatNobodyKeeps_TakeNoMemory()
    {
        var blob = string.Concat(Enumerable.Repeat("""{"manager":"m","fieldsV1":{"f:metadata":{"f:labels":{}}}},""", 90_000));
        var line = Encoding.UTF8.GetBytes($$$$"""{"type":"ADDED","object":{"kind":"ConfigMap","metadata":{"name":"a","managedFields":[{{{{blob}}}}{}],"unknown":{"x":[1,2,3]}},"data":{"k":"v"}}}""");
        Assert.True(line.Length > 5_000_000);
        var lines = Lines(null);
        var small = Encoding.UTF8.GetBytes($$$"""{"type":"ADDED","object":{{{Json.ConfigMap("a", 1)}}}}""");
        Assert.Equal("a", lines.Parse(small)!.Value.Object.Metadata.Name);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var change = lines.Parse(line);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal("v", change!.Value.Object.Data!["k"]);
        Assert.InRange(allocated, 1, 20_000);
    }

    [Fact]
    public void Point42_AListItem_IsParsedOnceItsBytesAreThere()
    {
        var parser = new ListParser<V1ConfigMap>(Reading.ReadInfo<V1ConfigMap>(null), Reading.TypeInfo<V1ListMeta>());
        var body = Encoding.UTF8.GetBytes($$$"""{"kind":"ConfigMapList","items":[{{{Json.ConfigMap("a", 1)}}},{{{Json.ConfigMap("b", 2)}}}],"metadata":{"resourceVersion":"9"}}""");
        var second = body.AsSpan().LastIndexOf("{\"kind\":\"ConfigMap\""u8);

        var read = parser.Read(body.AsSpan(0, second + 20), false, Token);
        Assert.Equal("a", Assert.Single(parser.List.Items).Metadata.Name);
        parser.Read(body.AsSpan(read), true, Token);

        Assert.True(parser.IsDone);
        Assert.Equal((2, "9"), (parser.List.Items.Count, parser.List.Metadata.ResourceVersion));
    }

    [Fact]
    public void AListCutAnywhere_ReadsAsTheWhole() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(1, 400).ListOf().ToArbitrary(),
        cuts =>
        {
            var body = Encoding.UTF8.GetBytes($$"""{"x":[{"items":[1]}],"metadata":{"resourceVersion":"9","continue":"n"},"items":[{{Json.ConfigMap("a", 1)}} , {{Json.ConfigMap("ü", 2)}}],"y":null}""");
            var parser = new ListParser<V1ConfigMap>(Reading.ReadInfo<V1ConfigMap>(null), Reading.TypeInfo<V1ListMeta>());
            var (start, end) = (0, 0);
            foreach (var cut in cuts.Append(body.Length))
            {
                end = Math.Min(body.Length, end + cut);
                start += parser.Read(body.AsSpan(start, end - start), end == body.Length, Token);
            }

            return parser.IsDone && parser.List.Metadata is { ResourceVersion: "9", Continue: "n" }
                && parser.List.Items.Select(item => item.Metadata.Name).SequenceEqual(["a", "ü"]);
        }));

    [Fact]
    public async Task Point42_ASlowList_IsReadToItsEnd_AsLongAsSomethingArrives()
    {
        var clock = new TestClock();
        await using var slow = new PipedAnswer();
        using var client = Client(slow, clock);
        var reading = client.ListAsync<V1ConfigMap>(cancellationToken: Token);
        await slow.WriteAsync("""{"kind":"ConfigMapList","metadata":{"resourceVersion":"9"},"items":[""");
        for (var i = 0; i < 3; i++)
        {
            await slow.ReadToTheEndAsync();
            await clock.TimerAsync(due => due == TimeSpan.FromMinutes(1));
            clock.Advance(TimeSpan.FromSeconds(40));
            await slow.WriteAsync(Json.ConfigMap($"map-{i}", i) + ",");
        }

        await slow.ReadToTheEndAsync();
        await slow.WriteAsync(Json.ConfigMap("last", 9) + "]}");
        Assert.Equal(["map-0", "map-1", "map-2", "last"], (await reading).Items.Select(item => item.Metadata.Name));
    }

    [Fact]
    public async Task ALargeItem_IsReadWithinTheBound_AndNotBeyond()
    {
        using var limit = new IdleLimit(Timeout.InfiniteTimeSpan, TimeProvider.System, Token);
        Task<KubernetesList<V1ConfigMap>> Read(int bytes) => ListStream.ReadAsync(
            new MemoryStream(Encoding.UTF8.GetBytes($$$"""{"items":[{{{Json.ConfigMap("a", 1, new string('x', bytes))}}},{{{Json.ConfigMap("b", 2)}}}]}""")),
            Reading.ReadInfo<V1ConfigMap>(null),
            Reading.TypeInfo<V1ListMeta>(),
            limit);

        Assert.Equal(["a", "b"], (await Read(ReceiveBuffer.MaxObjectBytes - 100_000)).Items.Select(item => item.Metadata.Name));
        await Assert.ThrowsAsync<InvalidDataException>(() => Read(3 * ReceiveBuffer.MaxObjectBytes));
    }

    [Fact]
    public async Task AListThatStalls_IsGivenUp()
    {
        var clock = new TestClock();
        await using var stalled = new PipedAnswer();
        using var client = Client(stalled, clock);
        var reading = client.ListAsync<V1ConfigMap>(cancellationToken: Token);
        await stalled.WriteAsync("""{"kind":"ConfigMapList","items":[""");
        await stalled.ReadToTheEndAsync();
        await clock.ElapseAsync(due => due == TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<HttpRequestException>(() => reading);
    }

    [Theory]
    [InlineData("""{"kind":"ConfigMapList","items":[{"metadata":{"name":"a"}}""")]
    [InlineData("""{"kind":"ConfigMapList","items":{"a":1}}""")]
    [InlineData("""{"kind":"ConfigMapList","items":[null]}""")]
    [InlineData("""{"kind":"ConfigMapList","items":[{]}""")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task WhatIsNoList_IsSaidSo(string body)
    {
        await using var answer = new PipedAnswer();
        using var client = Client(answer, TimeProvider.System);
        if (body.Length > 0) await answer.WriteAsync(body);
        await answer.CompleteAsync();

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.ListAsync<V1ConfigMap>(cancellationToken: Token));
        Assert.Contains("is not what it should be", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnObjectBeyondTheBound_EndsTheWatch()
    {
        await using var answer = new PipedAnswer();
        using var client = Client(answer, TimeProvider.System);
        await answer.WriteAsync("{\"type\":\"ADDED\",\"object\":{\"kind\":\"" + new string('x', ReceiveBuffer.MaxObjectBytes + 100_000));

        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var _ in client.WatchAsync<V1ConfigMap>(cancellationToken: Token)) Assert.Fail("Nothing whole was sent.");
        });
    }

    [Theory]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"a"}}}""")]
    [InlineData("""{"object":{"metadata":{"name":"a"}},"type":"MODIFIED"}""")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"a"}},"more":{"x":1}}""")]
    [InlineData(""" { "type" : "MODIFIED" , "object" : { "metadata" : { "name" : "a" } } } """)]
    public void AnEvent_MayBeWrittenInAnyWay(string line)
    {
        var change = Lines(null).Parse(Encoding.UTF8.GetBytes(line));
        Assert.Equal((WatchEventType.Modified, "a"), (change!.Value.Type, change.Value.Object.Metadata.Name));
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"}}}{"type":"ADDED","object":{"metadata":{"name":"b"}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"}}} more""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a","labels":{"x":"\ud800"}}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a","labels":{"\ud800":"x"}}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a","labels":{"x":{"y":1}}}}}""")]
    [InlineData("""{"type":null,"object":{"metadata":{"name":"a"}}}""")]
    [InlineData("[]")]
    [InlineData("1")]
    public void WhatIsNoEvent_IsSaidSo(string line) =>
        Assert.Throws<InvalidDataException>(() => Lines(null).Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void WhatIsWrongInAnEvent_IsShownInShort()
    {
        var line = Encoding.UTF8.GetBytes("""{"type":"ADDED","object":{"kind":"Node","status":{"allocatable":{"cpu":"?"}}}}""".Replace("?", new string('x', 1_000_000), StringComparison.Ordinal));
        var nodes = new WatchLine<V1Node>(Reading.ReadInfo<V1Node>(null), Reading.TypeInfo<V1Node>(), Reading.TypeInfo<V1Status>());
        Assert.InRange(Assert.Throws<InvalidDataException>(() => nodes.Parse(line)).Message.Length, 1, 300);
    }

    [Fact]
    public void NamesThatAreNoText_AreOtherNames()
    {
        var line = Encoding.UTF8.GetBytes("""{"\ud800":1,"t\u0079pe":"ADDED","object":{"metadata":{"name":"a"}}}""");
        Assert.Equal("a", Lines(null).Parse(line)!.Value.Object.Metadata.Name);

        var parser = new ListParser<V1ConfigMap>(Reading.ReadInfo<V1ConfigMap>(null), Reading.TypeInfo<V1ListMeta>());
        parser.Read(Encoding.UTF8.GetBytes("""{"\ud800":1,"it\u0065ms":[{"metadata":{"name":"a"}}]}"""), true, Token);
        Assert.Equal("a", Assert.Single(parser.List.Items).Metadata.Name);
    }

    [Fact]
    public void TheMessageOfAnErrorEvent_IsCut()
    {
        var line = Encoding.UTF8.GetBytes($$$"""{"type":"ERROR","object":{"kind":"Status","code":500,"message":"{{{new string('x', 1_000_000)}}}"}}""");
        Assert.InRange(Assert.Throws<KubernetesException>(() => Lines(null).Parse(line)).Message.Length, 1000, 10_000);
    }

    [Fact]
    public void Texts_AreSharedAndRight_WhateverTheyAre() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<string?>(),
        text =>
        {
            var pool = new StringPool();
            var known = text ?? "";
            var bytes = Encoding.UTF8.GetBytes(known);
            var (first, second) = (pool.Get(bytes), pool.Get(bytes));
            return ReferenceEquals(first, second) && (first is null || first == known) && (first is not null || !Ascii.IsValid(known));
        }));

    [Fact]
    public void Point42_NamesThatComeAgain_AreTheSameText()
    {
        var lines = Lines(null);
        V1ConfigMap Read(string name) => lines.Parse(Encoding.UTF8.GetBytes(
            $$$"""{"type":"ADDED","object":{{{Json.ConfigMap(name, 1, labels: "{\"app.kubernetes.io/name\":\"web\"}")}}}}"""))!.Value.Object;
        var (a, b) = (Read("a"), Read("b"));

        Assert.Same(a.Metadata.Namespace, b.Metadata.Namespace);
        Assert.Same(a.Metadata.Labels!.Keys.Single(), b.Metadata.Labels!.Keys.Single());
        Assert.Same(a.Metadata.Labels.Values.Single(), b.Metadata.Labels.Values.Single());
    }

    [Fact]
    public void AProjection_ReadsWhatItKeeps_AndKnowsItsModels()
    {
        var line = Encoding.UTF8.GetBytes("""{"type":"ADDED","object":{"kind":"Node","metadata":{"name":"a","labels":{"x":"y"}},"spec":{"podCIDR":"10.0.0.0/8","unschedulable":true},"status":{"allocatable":{"cpu":"1500m"},"phase":"Running"}}}""");
        var projection = JsonProjection.Everything.Keep<V1NodeStatus>("allocatable").Without<V1NodeSpec>("podCIDR");
        var node = new WatchLine<V1Node>(Reading.ReadInfo<V1Node>(projection), Reading.TypeInfo<V1Node>(), Reading.TypeInfo<V1Status>()).Parse(line)!.Value.Object;

        Assert.Equal(("y", null, true), (node.Metadata.Labels!["x"], node.Spec!.PodCIDR, node.Spec.Unschedulable));
        Assert.Equal(("1500m", null), (node.Status!.Allocatable!["cpu"].ToString(), node.Status.Phase));
        var wrong = Assert.Throws<InvalidOperationException>(() => Reading.ReadInfo<V1Node>(JsonProjection.Everything.Keep<V1Node>("statuss")));
        Assert.Contains("'statuss'", wrong.Message, StringComparison.Ordinal);
    }

    private static WatchLine<V1ConfigMap> Lines(JsonProjection? projection) =>
        new(Reading.ReadInfo<V1ConfigMap>(projection), Reading.TypeInfo<V1ConfigMap>(), Reading.TypeInfo<V1Status>());

    private static KubernetesClient Client(HttpMessageHandler handler, TimeProvider time) =>
        new(new KubernetesClientConfiguration { Server = new Uri("http://server") }, new KubernetesJson(), handler, time);
}
