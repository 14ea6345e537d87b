using System.Net;
using System.Net.Sockets;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Client.Transport;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Client;

/// <summary>Connections over TLS: HTTP/2, its limits, dead connections, proxies.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly TestCertificates _certificates = new();
    private TlsListener _listener = null!;
    private ScriptedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _listener = new TlsListener(_certificates.CreateServer()) { MaxStreams = 10 };
        _server = await ScriptedServer.StartAsync(_listener.Configure);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificates.Dispose();
    }

    [Fact]
    public async Task Point13_AHalfOpenConnection_IsFoundByItsUnansweredPings()
    {
        await using var relay = new TcpRelay(_server.Url);
        using var client = Client(relay.Through(_server.Url), new KubernetesClientOptions { KeepAliveDelay = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(1) });
        await using var events = client.WatchAsync<V1ConfigMap>(cancellationToken: Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        await session.SendAsync("ADDED", Json.ConfigMap("a", 6));
        Assert.True(await next);
        Assert.Equal("HTTP/2", session.Request.Protocol);

        relay.Freeze();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.True(error is IOException or HttpRequestException, error.ToString());
    }

    [Fact]
    public async Task Point13_TcpProbes_AreOnForEveryConnection()
    {
        var options = new KubernetesClientOptions { KeepAliveDelay = TimeSpan.FromSeconds(20), KeepAliveTimeout = TimeSpan.FromSeconds(15) };
        using var handler = ConnectionHandler.Create(Configuration(_server.Url), options, new TlsMaterial(null, null));
        Assert.Equal((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(15)), (handler.KeepAlivePingDelay, handler.KeepAlivePingTimeout));

        await using var stream = await ConnectionHandler.ConnectAsync(new DnsEndPoint("127.0.0.1", _server.Url.Port), options, Token);

        var socket = Assert.IsType<NetworkStream>(stream).Socket;
        Assert.NotNull(handler.ConnectCallback);
        Assert.True((int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)! != 0);
        Assert.Equal(20, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!);
        Assert.Equal(5, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!);
        Assert.Equal(3, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!);
    }

    [Fact]
    public async Task Point13_NoTimeoutOfRequests_EndsAWatch()
    {
        var clock = new TestClock();
        using var client = Client(_server.Url, null, clock);
        await using var events = client.WatchAsync<V1ConfigMap>(cancellationToken: Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        clock.Advance(client.RequestTimeout * 2);

        await session.SendAsync("ADDED", Json.ConfigMap("a", 6));

        Assert.True(await next);
    }

    [Fact]
    public async Task Point14_WatchesBeyondOneConnectionsStreams_KeepNoRequestWaiting()
    {
        using var client = Client(_server.Url);
        var watches = new List<IAsyncEnumerator<WatchEvent<V1ConfigMap>>>();
        try
        {
            var moves = new List<Task<bool>>();
            for (var i = 0; i < 25; i++)
            {
                var events = client.WatchAsync<V1ConfigMap>(cancellationToken: Token).GetAsyncEnumerator(Token);
                watches.Add(events);
                moves.Add(events.MoveNextAsync().AsTask());
            }

            var sessions = new List<WatchSession>();
            for (var i = 0; i < 25; i++) sessions.Add(await _server.WatchAsync());

            Assert.Null(await client.GetAsync<V1Node>("n", null, Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
            foreach (var session in sessions) await session.SendAsync("ADDED", Json.ConfigMap("a", 6));
            Assert.All(await Task.WhenAll(moves).WaitAsync(TimeSpan.FromSeconds(30), Token), Assert.True);
            Assert.All(sessions, s => Assert.Equal("HTTP/2", s.Request.Protocol));
            Assert.True(_server.Requests.Select(r => r.Connection).Distinct().Count() > 2);
            foreach (var session in sessions) session.Complete();
        }
        finally
        {
            foreach (var events in watches) await events.DisposeAsync();
        }
    }

    [Fact]
    public async Task AServerOfAnotherAuthority_IsNotTrusted_UnlessThatIsAskedFor()
    {
        using var others = new TestCertificates("other");
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = _server.Url, CertificateAuthorities = others.Authorities }, new KubernetesJson());
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync<V1Node>("n", null, Token));

        using var trusting = new KubernetesClient(new KubernetesClientConfiguration { Server = _server.Url, SkipTlsVerify = true }, new KubernetesJson());
        Assert.Null(await trusting.GetAsync<V1Node>("n", null, Token));
    }

    [Fact]
    public async Task AnAuthorityThatAnotherCertifies_IsTrusted_AndOnlyForWhatItCertifies()
    {
        using var root = new TestCertificates("root");
        using var authority = new TestCertificates("middle", root);
        using var namesake = new TestCertificates("middle", root);
        await using var server = await ScriptedServer.StartAsync(new TlsListener(authority.CreateServer()).Configure);
        async Task<V1Node?> GetAsync(TestCertificates trusted, Uri url)
        {
            using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = url, CertificateAuthorities = trusted.Authorities }, new KubernetesJson());
            return await client.GetAsync<V1Node>("n", null, Token);
        }

        Assert.Null(await GetAsync(authority, server.Url));

        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(namesake, server.Url));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(root, server.Url));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(authority, _server.Url));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(authority, new UriBuilder(server.Url) { Host = "127.0.0.2" }.Uri));
    }

    [Fact]
    public async Task TlsServerName_IsWhatTheCertificateMustSay()
    {
        var configuration = new KubernetesClientConfiguration { Server = _server.Url, CertificateAuthorities = _certificates.Authorities, TlsServerName = "kubernetes" };
        using var client = new KubernetesClient(configuration, new KubernetesJson());
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync<V1Node>("n", null, Token));

        var named = new KubernetesClientConfiguration { Server = _server.Url, CertificateAuthorities = _certificates.Authorities, TlsServerName = "localhost" };
        using var other = new KubernetesClient(named, new KubernetesJson());
        Assert.Null(await other.GetAsync<V1Node>("n", null, Token));
    }

    [Fact]
    public async Task AProxy_IsGoneThrough_WithItsUserAndPassword()
    {
        await using var proxy = new ConnectProxy("me:pass word");
        using var client = new KubernetesClient(
            new KubernetesClientConfiguration
            {
                Server = _server.Url,
                CertificateAuthorities = _certificates.Authorities,
                ProxyUrl = new Uri($"http://me:pass%20word@127.0.0.1:{proxy.Port}"),
            },
            new KubernetesJson());

        Assert.Null(await client.GetAsync<V1Node>("n", null, Token));

        Assert.Contains($"CONNECT 127.0.0.1:{_server.Url.Port}", proxy.Tunnels);
        Assert.Equal("HTTP/2", _server.Requests.Single().Protocol);
    }

    [Fact]
    public async Task AProxyThatRefuses_IsNamedWithoutItsPassword()
    {
        await using var proxy = new ConnectProxy("me:right");
        using var client = new KubernetesClient(
            new KubernetesClientConfiguration
            {
                Server = _server.Url,
                CertificateAuthorities = _certificates.Authorities,
                ProxyUrl = new Uri($"http://me:canary-password@127.0.0.1:{proxy.Port}"),
            },
            new KubernetesJson());

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync<V1Node>("n", null, Token));

        Assert.Contains("407", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("socks5://u:p@proxy:1080", "socks5://proxy:1080/")]
    [InlineData("socks5h://proxy:1080", "socks5://proxy:1080/")]
    [InlineData("socks5://proxy", "socks5://proxy:1080/")]
    [InlineData("https://proxy", "https://proxy/")]
    public void Proxies_OfEveryKind_AreHandedOnWithoutCredentialsInTheAddress(string url, string expected)
    {
        var configuration = new KubernetesClientConfiguration { Server = new Uri("https://10.0.0.1"), ProxyUrl = new Uri(url) };
        using var handler = ConnectionHandler.Create(configuration, new KubernetesClientOptions(), new TlsMaterial(null, null));

        Assert.True(handler.UseProxy);
        Assert.Equal(expected, handler.Proxy!.GetProxy(configuration.Server)!.AbsoluteUri);
        Assert.Equal(url.Contains('@', StringComparison.Ordinal) ? "p" : null, (handler.Proxy.Credentials as NetworkCredential)?.Password);
    }

    private KubernetesClientConfiguration Configuration(Uri server) => new() { Server = server, CertificateAuthorities = _certificates.Authorities };

    private KubernetesClient Client(Uri server, KubernetesClientOptions? options = null, TimeProvider? time = null) =>
        new(Configuration(server), new KubernetesJson(), time, options);
}
