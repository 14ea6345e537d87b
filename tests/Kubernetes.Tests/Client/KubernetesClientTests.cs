using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Client;

public sealed class KubernetesClientTests : IAsyncLifetime
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
    public async Task Get_OfWhatIsThere_ReturnsIt()
    {
        _server.Answer = _ => ScriptedAnswer.Ok(Json.ConfigMap("a", 7));

        var map = await _client.GetAsync<V1ConfigMap>("a", "default", Token);

        Assert.Equal("v", map!.Data!["k"]);
        Assert.Equal("/api/v1/namespaces/default/configmaps/a", _server.Requests.Single().Path);
        Assert.StartsWith("gpustack-operator/", _server.Requests.Single().Headers["User-Agent"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_OfWhatIsNotThere_IsNull() => Assert.Null(await _client.GetAsync<V1Node>("n", null, Token));

    [Fact]
    public async Task Get_Refused_ThrowsTheServersStatus()
    {
        _server.Answer = _ => ScriptedAnswer.Failure(403, "Forbidden", "nodes is forbidden: User \"bob\" cannot list resource \"nodes\"");

        var error = await Assert.ThrowsAsync<KubernetesException>(() => _client.GetAsync<V1Node>("n", null, Token));

        Assert.Equal("Forbidden", error.Status.Reason);
        Assert.Equal(403, (int)error.Code);
        Assert.Equal("nodes is forbidden: User \"bob\" cannot list resource \"nodes\"", error.Message);
    }

    [Fact]
    public async Task AnswersThatAreNoStatus_BecomeOne()
    {
        _server.Answer = _ => new ScriptedAnswer(429, "slow down", "text/plain") { Headers = new Dictionary<string, string> { ["Retry-After"] = "7" } };

        using var client = _server.CreateClient(options: new KubernetesClientOptions { MaxTries = 1 });

        var error = await Assert.ThrowsAsync<KubernetesException>(() => client.ListAsync<V1Pod>(cancellationToken: Token));

        Assert.True(error.IsTooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(7), error.RetryAfter);
        Assert.Contains("429", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_FillsInTheTypeThatServersLeaveOut_AndSendsItsOptions()
    {
        _server.Answer = _ => ScriptedAnswer.List("ConfigMap", "v1", "9", "next", """{"metadata":{"name":"a","namespace":"default"}}""");

        var list = await _client.ListAsync<V1ConfigMap>("default", new ListOptions { LabelSelector = "l in (1,2),!gone", Limit = 1, Continue = "c" }, Token);

        Assert.Equal(("v1", "ConfigMap"), (list.Items.Single().ApiVersion, list.Items.Single().Kind));
        Assert.Equal(("9", "next"), (list.Metadata.ResourceVersion, list.Metadata.Continue));
        var query = _server.Requests.Single().Query;
        Assert.Equal(("l in (1,2),!gone", "1", "c"), (query["labelSelector"], query["limit"], query["continue"]));
    }

    [Fact]
    public async Task List_OfNullItems_IsEmpty()
    {
        _server.Answer = _ => ScriptedAnswer.Ok("""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":null}""");

        Assert.Empty((await _client.ListAsync<V1Pod>(cancellationToken: Token)).Items);
        Assert.Equal("/api/v1/pods", _server.Requests.Single().Path);
    }

    [Fact]
    public async Task Create_ThatExists_IsAlreadyExists_NotConflict()
    {
        _server.Answer = _ => ScriptedAnswer.Failure(409, "AlreadyExists", "leases.coordination.k8s.io \"l\" already exists");

        var error = await Assert.ThrowsAsync<KubernetesException>(
            () => _client.CreateAsync(new V1Lease { Metadata = { Name = "l", Namespace = "default" } }, Token));

        Assert.True(error.IsAlreadyExists);
        Assert.False(error.IsConflict);
        var request = _server.Requests.Single();
        Assert.Equal(("POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases"), (request.Method, request.Path));
        Assert.Equal("coordination.k8s.io/v1", request.Json["apiVersion"]!.ToString());
    }

    [Fact]
    public async Task Create_WithoutNamespace_SaysSo()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => _client.CreateAsync(new V1Pod { Metadata = { Name = "p" } }, Token));

        Assert.Contains("metadata.namespace", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_SendsAnApplyPatch()
    {
        _server.Answer = _ => ScriptedAnswer.Ok(Json.ConfigMap("a", 8));
        var map = new V1ConfigMap { Metadata = { Name = "a", Namespace = "default" } };

        await _client.ApplyAsync(map, new ApplyOptions("gpustack-operator", force: true, dryRun: true), Token);

        var request = _server.Requests.Single();
        Assert.Equal(("PATCH", "application/apply-patch+yaml"), (request.Method, request.ContentType));
        Assert.Equal(("gpustack-operator", "true", "All"), (request.Query["fieldManager"], request.Query["force"], request.Query["dryRun"]));
        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default"}}""", request.Body);
    }

    [Fact]
    public async Task Apply_OfAFieldThatAnotherOwns_IsAConflictThatNamesIt()
    {
        _server.Answer = _ => new ScriptedAnswer(409, """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Apply failed with 1 conflict: conflict with \"one\": .spec.size","reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"one\"","field":".spec.size"}]},"code":409}""");

        var error = await Assert.ThrowsAsync<KubernetesException>(
            () => _client.ApplyAsync(new V1ConfigMap { Metadata = { Name = "a", Namespace = "default" } }, new ApplyOptions("two"), Token));

        Assert.True(error.IsConflict);
        Assert.Equal(".spec.size", error.Status.Details!.Causes![0].Field);
        Assert.False(_server.Requests.Single().Query.ContainsKey("force"));
    }

    [Fact]
    public async Task ApplyStatus_SendsNothingButTheStatus()
    {
        _server.Answer = _ => ScriptedAnswer.Ok("""{"metadata":{"name":"s"}}""");
        var set = new V1StatefulSet
        {
            Metadata = { Name = "s", Namespace = "default", Uid = "u", ResourceVersion = "3", Labels = new() { ["a"] = "b" } },
            Spec = new V1StatefulSetSpec { Replicas = 3 },
            Status = new V1StatefulSetStatus { Replicas = 2 },
        };

        await _client.ApplyStatusAsync(set, new ApplyOptions("m", force: true), Token);

        var request = _server.Requests.Single();
        Assert.Equal("/apis/apps/v1/namespaces/default/statefulsets/s/status", request.Path);
        Assert.Equal(
            """{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"s","namespace":"default","uid":"u"},"status":{"replicas":2}}""",
            request.Body);
    }

    [Fact]
    public async Task ReplaceStatus_PutsTheStatusSubresource()
    {
        _server.Answer = _ => ScriptedAnswer.Conflict("s");

        var error = await Assert.ThrowsAsync<KubernetesException>(
            () => _client.ReplaceStatusAsync(new V1StatefulSet { Metadata = { Name = "s", Namespace = "d", ResourceVersion = "1" } }, Token));

        Assert.True(error.IsConflict);
        Assert.Equal(("PUT", "/apis/apps/v1/namespaces/d/statefulsets/s/status"), (_server.Requests.Single().Method, _server.Requests.Single().Path));
    }

    [Fact]
    public async Task MergePatch_SendsNullsToo()
    {
        _server.Answer = _ => ScriptedAnswer.Ok(Json.ConfigMap("a", 9));

        await _client.MergePatchAsync<V1ConfigMap>("a", "default", new JsonObject { ["data"] = null }, Token);

        Assert.Equal(("application/merge-patch+json", """{"data":null}"""), (_server.Requests.Single().ContentType, _server.Requests.Single().Body));
    }

    [Fact]
    public async Task Delete_SendsItsOptions_AndIsFalseWhenNothingIsThere()
    {
        _server.Answer = request => request.Path.EndsWith("/a", StringComparison.Ordinal) ? ScriptedAnswer.Ok("""{"kind":"Status","status":"Success"}""") : ScriptedAnswer.NotFound("b");
        var options = new DeleteOptions { GracePeriodSeconds = 0, PropagationPolicy = PropagationPolicy.Foreground, Preconditions = new DeletePreconditions { Uid = "u" } };

        Assert.True(await _client.DeleteAsync<V1Pod>("a", "default", options, Token));
        Assert.False(await _client.DeleteAsync<V1Pod>("b", "default", null, Token));

        Assert.Equal(
            """{"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0,"propagationPolicy":"Foreground","preconditions":{"uid":"u"}}""",
            _server.Requests.First().Body);
    }

    [Fact]
    public async Task Requests_ThatHang_EndAfterTheirTimeout()
    {
        var clock = new TestClock();
        using var client = _server.CreateClient(clock);
        _server.Answer = _ => null;
        var get = client.GetAsync<V1Pod>("a", "default", Token);
        await _server.RequestAsync(_ => true);
        clock.Advance(TimeSpan.FromMinutes(1));

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => get);
        Assert.Contains("within 60 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAnswerBeyondTheBound_IsNotRead()
    {
        _server.Answer = _ => ScriptedAnswer.Ok(Json.ConfigMap("a", 1, new string('x', 1_500_000)));
        Assert.NotNull(await _client.GetAsync<V1ConfigMap>("a", "default", Token));

        _server.Answer = _ => ScriptedAnswer.Ok(Json.ConfigMap("a", 1, new string('x', 17 * 1024 * 1024)));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync<V1ConfigMap>("a", "default", Token));
        Assert.Contains("more than 16 MiB", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(204, "")]
    [InlineData(200, "null")]
    [InlineData(200, "{} {}")]
    [InlineData(200, "<html>")]
    public async Task AnAnswerThatIsNoObject_IsSaidSo(int status, string body)
    {
        _server.Answer = _ => new ScriptedAnswer(status, body);

        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync<V1ConfigMap>("a", "default", Token));
    }

    [Fact]
    public async Task ServerWithAPath_KeepsIt()
    {
        using var client = _server.CreateClient(null, new KubernetesClientConfiguration { Server = new Uri(_server.Url, "k8s/clusters/c1") });
        await client.GetAsync<V1Node>("n", null, Token);

        Assert.Equal("/k8s/clusters/c1/api/v1/nodes/n", _server.Requests.Single().Path);
    }
}
