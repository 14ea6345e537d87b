using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer;

/// <summary>A running server with the Gizmo definition, and a client that names itself "test".</summary>
internal sealed class ApiServerFixture : IAsyncDisposable
{
    private ApiServerFixture(ClusterStore store, ApiServerHost server, HttpClient client)
    {
        Store = store;
        Server = server;
        Client = client;
    }

    public ClusterStore Store { get; }

    public ApiServerHost Server { get; }

    public HttpClient Client { get; }

    public static async Task<ApiServerFixture> StartAsync(CancellationToken cancellationToken, ApiServerOptions? options = null)
    {
        var store = new ClusterStore(TimeProvider.System);
        var server = await ApiServerHost.StartAsync(store, options, cancellationToken);
        var client = new HttpClient(Trusting(server.CertificateAuthorityPem)) { BaseAddress = server.Url };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("test/1.0");
        var fixture = new ApiServerFixture(store, server, client);
        var definition = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(CaseFolder, "00-gizmo.crd.json"), cancellationToken));
        var (status, _) = await fixture.SendAsync(
            HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
        Assert.Equal(201, status);
        return fixture;
    }

    public static string CaseFolder => Path.Combine(AppContext.BaseDirectory, "ApiServer", "cases");

    public async Task<(int Status, JsonNode Body)> SendAsync(
        HttpMethod method, string path, JsonNode? body = null, string contentType = "application/json")
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "simulated");
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(contentType));
        using var response = await Client.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return ((int)response.StatusCode, JsonNode.Parse(text)!);
    }

    private static SocketsHttpHandler Trusting(string? authority)
    {
        var handler = new SocketsHttpHandler();
        if (authority is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(authority));
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }
}
