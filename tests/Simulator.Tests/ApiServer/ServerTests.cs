using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer;

public sealed class ServerTests
{
    [Fact]
    public async Task UnsupportedRequests_AfterOne_NameItsPathAndReason()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);

        await fixture.SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods/p/log");

        var request = Assert.Single(fixture.Server.UnsupportedRequests);
        Assert.Equal("/api/v1/namespaces/default/pods/p/log", request.Path);
        Assert.Equal(501, request.StatusCode);
        Assert.Contains("log", request.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/apis/batch/v1/namespaces/default/cronjobs")]
    [InlineData("/apis/storage.k8s.io/v1/csidrivers/fast")]
    [InlineData("/api/v1/watch/pods")]
    public async Task Request_ForWhatEveryClusterHas_IsSaidToBeNotSimulated(string path)
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);

        var (status, _) = await fixture.SendAsync(HttpMethod.Get, path);

        Assert.Equal(501, status);
        Assert.Equal(path, Assert.Single(fixture.Server.UnsupportedRequests).Path);
    }

    [Fact]
    public async Task Body_BeyondTheLimit_IsRefusedAsTooLarge()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);

        var (status, refusal) = await fixture.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "big" },
            ["data"] = new JsonObject { ["a"] = new string('x', 3 * 1024 * 1024) },
        });

        Assert.Equal(413, status);
        Assert.Equal("RequestEntityTooLarge", refusal["reason"].AsText());
        Assert.Equal("Request entity too large: limit is 3145728", refusal["message"].AsText());
    }

    [Theory]
    [InlineData("""{"requests":{"cpu":"1"}}""", "Burstable")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"}}""", "Guaranteed")]
    [InlineData("""{"limits":{"nvidia.com/gpu":"1"}}""", "BestEffort")]
    public async Task Pod_WhenCreated_HasItsQualityOfService(string resources, string expected)
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);

        var (status, pod) = await fixture.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "p" },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "x", ["resources"] = JsonNode.Parse(resources) }),
            },
        });

        Assert.Equal(201, status);
        Assert.Equal(expected, pod["status"]!["qosClass"].AsText());
    }

    [Theory]
    [InlineData("""{"spec":true}""")]
    [InlineData("""{"spec":{"replicas":"three"}}""")]
    [InlineData("""{"spec":{"replicas":99999999999}}""")]
    [InlineData("""{"metadata":5,"spec":{"replicas":1}}""")]
    public async Task Scale_ThatIsNone_IsABadRequest(string patch)
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        const string Gizmo = "/apis/test.gpustack.io/v1/namespaces/default/gizmos";
        await fixture.SendAsync(HttpMethod.Post, Gizmo, JsonNode.Parse("""{"metadata":{"name":"a"},"spec":{"color":"red"}}"""));

        var (status, _) = await fixture.SendAsync(HttpMethod.Patch, $"{Gizmo}/a/scale", JsonNode.Parse(patch), "application/merge-patch+json");

        Assert.Equal(400, status);
    }

    [Fact]
    public async Task Replace_ByManyWriters_LosesNoUpdate()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        const string Map = "/api/v1/namespaces/default/configmaps";
        await fixture.SendAsync(HttpMethod.Post, Map, JsonNode.Parse("""{"metadata":{"name":"count"},"data":{"n":"0"}}"""));

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            for (var done = 0; done < 20;)
            {
                var (_, read) = await fixture.SendAsync(HttpMethod.Get, $"{Map}/count");
                read["data"]!["n"] = $"{int.Parse(read["data"]!["n"].AsText()!) + 1}";
                var (status, _) = await fixture.SendAsync(HttpMethod.Put, $"{Map}/count", read);
                Assert.True(status is 200 or 409);
                done += status == 200 ? 1 : 0;
            }
        }));

        var (_, last) = await fixture.SendAsync(HttpMethod.Get, $"{Map}/count");
        Assert.Equal("120", last["data"]!["n"].AsText());
    }

    [Fact]
    public async Task Apply_ByManyManagersAtOnce_KeepsEachOnesFields()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        const string Map = "/api/v1/namespaces/default/configmaps/shared";

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async manager =>
        {
            for (var i = 0; i < 10; i++)
            {
                var (status, answer) = await fixture.SendAsync(
                    HttpMethod.Patch, $"{Map}?fieldManager=m{manager}",
                    JsonNode.Parse($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"shared"},"data":{"k{{{manager}}}":"{{{i}}}"}}"""),
                    "application/apply-patch+yaml");
                Assert.True(status is 200 or 201, answer.ToJsonString());
            }
        }));

        var (_, last) = await fixture.SendAsync(HttpMethod.Get, Map);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"k{i}=9"), last["data"]!.AsObject().Select(field => $"{field.Key}={field.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(8, last["metadata"]!["managedFields"]!.AsArray().Count);
    }

    [Fact]
    public async Task List_OfABuiltInKind_StatesTheKindOnceAndThatOfACustomOneOnEachItem()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);

        var (_, namespaces) = await fixture.SendAsync(HttpMethod.Get, "/api/v1/namespaces");
        await fixture.SendAsync(HttpMethod.Post, "/apis/test.gpustack.io/v1/namespaces/default/gizmos", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "a" },
            ["spec"] = new JsonObject { ["color"] = "red" },
        });
        var (_, gizmos) = await fixture.SendAsync(HttpMethod.Get, "/apis/test.gpustack.io/v1/gizmos");

        Assert.Equal("NamespaceList", namespaces["kind"].AsText());
        Assert.All(namespaces["items"]!.AsArray(), item => Assert.False(item!.AsObject().ContainsKey("kind") || item.AsObject().ContainsKey("apiVersion")));
        Assert.Equal("Gizmo", gizmos["items"]![0]!["kind"].AsText());
    }

    [Theory]
    [InlineData("labelSelector=%3D%3D%3D")]
    [InlineData("labelSelector=a%3Db%3Dc")]
    [InlineData("labelSelector=a+in+(b")]
    [InlineData("labelSelector=!")]
    [InlineData("fieldSelector=spec.nothing%3Da")]
    [InlineData("limit=few")]
    public async Task List_WithABadQuery_IsABadRequest(string query)
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);

        var (status, _) = await fixture.SendAsync(HttpMethod.Get, $"/api/v1/pods?{query}");

        Assert.Equal(400, status);
    }

    [Fact]
    public async Task Https_WithTheKubeconfigsAuthority_IsTrusted()
    {
        var store = new ClusterStore(TimeProvider.System);
        await using var server = await ApiServerHost.StartAsync(store, new ApiServerOptions { Https = true }, TestContext.Current.CancellationToken);
        var line = server.KubeconfigYaml.Split('\n').Single(line => line.Contains("certificate-authority-data", StringComparison.Ordinal));
        var pem = Encoding.ASCII.GetString(Convert.FromBase64String(line.Split(':')[1].Trim()));
        using var authority = X509Certificate2.CreateFromPem(pem);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { authority },
        };
        using var client = new HttpClient(handler) { BaseAddress = server.Url };

        Assert.Equal("ok", await client.GetStringAsync("/readyz", TestContext.Current.CancellationToken));
        Assert.StartsWith("https://127.0.0.1:", server.Url.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_Aggregated_HasTheGroupsAndSubresources()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis");
        request.Headers.TryAddWithoutValidation(
            "Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
        using var response = await fixture.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", response.Content.Headers.NonValidated["Content-Type"].ToString());
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        var group = body["items"]!.AsArray().Single(item => item!["metadata"]!["name"].AsText() == "test.gpustack.io")!;
        var gizmos = group["versions"]![0]!["resources"]![0]!;
        Assert.Equal("gizmos", gizmos["resource"].AsText());
        Assert.Equal(["status", "scale"], gizmos["subresources"]!.AsArray().Select(item => item!["subresource"].AsText()));
    }

    [Fact]
    public async Task OpenApi_OfADefinition_ChangesItsHashWithIt()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        var (_, before) = await fixture.SendAsync(HttpMethod.Get, "/openapi/v3");
        await fixture.SendAsync(
            HttpMethod.Patch, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gizmos.test.gpustack.io",
            new JsonArray(new JsonObject
            {
                ["op"] = "add",
                ["path"] = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/added",
                ["value"] = new JsonObject { ["type"] = "string" },
            }), "application/json-patch+json");
        var (_, after) = await fixture.SendAsync(HttpMethod.Get, "/openapi/v3");

        const string path = "apis/test.gpustack.io/v1";
        Assert.NotEqual(before["paths"]![path]!["serverRelativeURL"].AsText(), after["paths"]![path]!["serverRelativeURL"].AsText());
        Assert.Equal(before["paths"]!["api/v1"]!["serverRelativeURL"].AsText(), after["paths"]!["api/v1"]!["serverRelativeURL"].AsText());
        var (status, document) = await fixture.SendAsync(HttpMethod.Get, after["paths"]![path]!["serverRelativeURL"].AsText()!);
        Assert.Equal(200, status);
        Assert.Contains("\"added\"", document.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_OfADefinition_TakesItsObjectsAndPaths()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        await fixture.SendAsync(HttpMethod.Post, "/apis/test.gpustack.io/v1/namespaces/default/gizmos", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "a" },
            ["spec"] = new JsonObject { ["color"] = "red" },
        });
        using var watch = fixture.Store.Watch(BuiltInResources.CustomResourceDefinitions);

        await fixture.SendAsync(HttpMethod.Delete, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gizmos.test.gpustack.io");

        while ((await watch.Events.ReadAsync(TestContext.Current.CancellationToken)).Type != StoreEventType.Deleted)
        {
        }

        var (status, _) = await fixture.SendAsync(HttpMethod.Get, "/apis/test.gpustack.io/v1/namespaces/default/gizmos");
        Assert.Equal(404, status);
    }
}
