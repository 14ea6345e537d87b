using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Client;

/// <summary>Certificate files that are replaced while we run.</summary>
public sealed class CertificateRotationTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly TestCertificates _certificates = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("certificates").FullName;
    private TlsListener _listener = null!;
    private ScriptedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string LastClient => _server.Requests.Last().ClientCertificate ?? "nobody";

    public async ValueTask InitializeAsync()
    {
        _listener = new TlsListener(_certificates.CreateServer());
        _server = await ScriptedServer.StartAsync(_listener.Configure);
        Write("ca.crt", _certificates.AuthorityPem);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificates.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Point15_AReplacedClientCertificate_IsUsedForNewConnections_AndAWatchGoesOn()
    {
        WritePair("one");
        using var client = Client();
        await using var events = client.WatchAsync<V1ConfigMap>(cancellationToken: Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        Assert.Equal("CN=one", session.Request.ClientCertificate);

        WritePair("two");
        await GetAsync(client);
        Assert.Equal("CN=one", LastClient);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await GetAsync(client);
        Assert.Equal("CN=two", LastClient);

        await session.SendAsync("ADDED", Json.ConfigMap("a", 6));
        Assert.True(await next);
        Assert.Equal(2, _listener.OpenConnections);

        session.Complete();
        Assert.False(await events.MoveNextAsync());
        await events.DisposeAsync();
        await Eventually.IsTrueAsync(() => _listener.OpenConnections == 1);
        await GetAsync(client);
        Assert.Equal("CN=two", LastClient);
    }

    [Fact]
    public async Task Point15_AHalfWrittenPair_LeavesTheOldOneInForce()
    {
        WritePair("one");
        using var client = Client();
        await GetAsync(client);
        var (certificate, key) = _certificates.CreateClientPem("two");
        Write("tls.crt", certificate);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await GetAsync(client);
        Assert.Equal("CN=one", LastClient);

        Write("tls.key", key);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await GetAsync(client);
        Assert.Equal("CN=two", LastClient);
    }

    [Fact]
    public async Task Point15_FilesThatDidNotChange_KeepTheirConnection()
    {
        WritePair("one");
        using var client = Client();
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync(client)));

        Assert.Single(_server.Requests.Select(r => r.Connection).Distinct());
    }

    [Fact]
    public async Task Point15_AReplacedCertificateAuthority_IsTrusted()
    {
        using var others = new TestCertificates("other");
        Write("ca.crt", others.AuthorityPem);
        using var client = Client();
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(client));

        Write("ca.crt", $"{others.AuthorityPem}\n{_certificates.AuthorityPem}");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await GetAsync(client);
    }

    private static async Task GetAsync(KubernetesClient client) => Assert.Null(await client.GetAsync<V1ConfigMap>("a", "default", Token));

    private KubernetesClient Client()
    {
        var certificate = File.Exists(Path.Combine(_directory, "tls.crt"))
            ? "{client-certificate: tls.crt, client-key: tls.key}"
            : "{}";
        Write("config", $$$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: '{{{_server.Url}}}', certificate-authority: ca.crt}}]
            users: [{name: u, user: {{{certificate}}}}]
            """);
        return _server.CreateClient(_clock, KubernetesClientConfiguration.FromFile(Path.Combine(_directory, "config")));
    }

    private void WritePair(string name)
    {
        var (certificate, key) = _certificates.CreateClientPem(name);
        Write("tls.crt", certificate);
        Write("tls.key", key);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
