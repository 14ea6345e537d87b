using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Kubernetes.Tests.Client;

/// <summary>What a real server answers when it refuses, as the answer to a request and as the ERROR event of a watch.</summary>
public sealed class ServerAnswerTests : IAsyncLifetime
{
    private ScriptedServer _server = null!;
    private KubernetesClient _client = null!;

    public static TheoryData<string> Names => new(Answers.Select(answer => answer["name"]!.GetValue<string>()));

    private static IEnumerable<JsonObject> Answers
    {
        get
        {
            const string file = "answers.yaml";
            var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Client", "cases", file));
            return YamlReader.Read(text, file)!["answers"]!.AsArray().Select(answer => answer!.AsObject());
        }
    }

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

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ARefusal_IsTypedAsTheServerMeansIt(string name)
    {
        var answer = Answer(name);
        _server.Answer = _ => new ScriptedAnswer((int)answer["status"]!.GetValue<long>(), answer["body"]!.ToJsonString());

        var thrown = await Assert.ThrowsAsync<KubernetesException>(() => _client.CreateAsync(
            new V1ConfigMap { Metadata = { Name = "a", Namespace = "default" } }, Token));

        AssertMeans(answer, thrown);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task AnErrorEvent_IsTypedAsTheServerMeansIt(string name)
    {
        var answer = Answer(name);
        await using var events = _client.WatchAsync<V1ConfigMap>(cancellationToken: Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        await session.SendAsync("ERROR", answer["body"]!.ToJsonString());

        AssertMeans(answer, await Assert.ThrowsAsync<KubernetesException>(async () => await next));
    }

    private static JsonObject Answer(string name) => Answers.Single(answer => answer["name"]!.GetValue<string>() == name);

    private static void AssertMeans(JsonObject answer, KubernetesException thrown)
    {
        (string Name, bool Is)[] kinds =
        [
            ("NotFound", thrown.IsNotFound),
            ("AlreadyExists", thrown.IsAlreadyExists),
            ("Conflict", thrown.IsConflict),
            ("Expired", thrown.IsExpired),
            ("Invalid", thrown.IsInvalid),
            ("TooManyRequests", thrown.IsTooManyRequests),
        ];
        Assert.Equal(answer["is"]!.AsArray().Select(kind => kind!.GetValue<string>()), kinds.Where(kind => kind.Is).Select(kind => kind.Name));
        Assert.Equal(answer["status"]!.GetValue<long>(), (long)thrown.Code);
        Assert.Equal(answer["body"]!["message"]!.GetValue<string>(), thrown.Message);
        Assert.Equal(answer["cause"]?.GetValue<string>(), thrown.Status.Details?.Causes?.Find(cause => cause.Field is not null)?.Field);
        Assert.Equal(answer["retryAfterSeconds"]?.GetValue<long>(), (long?)thrown.RetryAfter?.TotalSeconds);
    }
}
