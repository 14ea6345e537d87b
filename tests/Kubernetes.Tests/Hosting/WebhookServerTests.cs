using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.AspNetCore.Http;

#pragma warning disable CA5359 // What certificate is shown is looked at, not trusted.

namespace GpuStack.Kubernetes.Tests.Hosting;

public sealed class WebhookServerTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly CertificateChain _certificates = new();
    private readonly RecordingLoggers _log = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("gpustack-webhook-").FullName;
    private int _generation;
    private WebhookServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _server = Create();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificates.Dispose();
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Point39_ACertificateThatIsReplaced_IsShownWithoutARestart_AndConnectionsLiveOn()
    {
        var first = _certificates.Leaf("CN=first");
        var second = _certificates.Leaf("CN=second");
        Mount(first.Certificate, first.Key);
        await StartAsync();
        using var standing = Client(HttpVersion.Version20);
        Assert.Equal("pong HTTP/2 5", await PostAsync(standing, "hello"));
        Assert.Equal(first.Thumbprint, await ShownAsync());

        Mount(second.Certificate, second.Key);
        await ReloadAsync(() => _log.Count(604) == 2);
        Assert.Equal(second.Thumbprint, await ShownAsync());
        Assert.Equal("pong HTTP/2 2", await PostAsync(standing, "hi"));
        Assert.Equal(1, standing.Handshakes);
    }

    [Fact]
    public async Task Point39_APairThatDoesNotFit_ChangesNothing()
    {
        var first = _certificates.Leaf("CN=first");
        var second = _certificates.Leaf("CN=second");
        Mount(first.Certificate, first.Key);
        await StartAsync();

        Mount(second.Certificate, first.Key);
        await ReloadAsync(() => _log.Count(605) == 1);
        Mount(second.Certificate[..300], second.Key);
        await ReloadAsync(() => _log.Count(605) == 2);
        Assert.Equal(first.Thumbprint, await ShownAsync());
        Assert.Null(_server.CheckCertificate());
        Assert.DoesNotContain("PRIVATE", _log.Text, StringComparison.Ordinal);

        Mount(second.Certificate, second.Key);
        await ReloadAsync(() => _log.Count(604) == 2);
        Assert.Equal(second.Thumbprint, await ShownAsync());
    }

    [Fact]
    public async Task Point39_WhatIsWrong_IsLoggedOnce_HoweverOftenItIsLookedAt()
    {
        var first = _certificates.Leaf("CN=first");
        var second = _certificates.Leaf("CN=second");
        Mount(first.Certificate, first.Key);
        var files = new CertificateFiles(Path.Combine(_folder, "tls.crt"), Path.Combine(_folder, "tls.key"), TimeSpan.FromSeconds(10), _clock, _log.CreateLogger(""));
        await files.LoadAsync(Token);
        Mount(second.Certificate, first.Key);
        for (var i = 0; i < 3; i++) await files.LookAsync(Token);
        Assert.Equal((1, 1), (_log.Count(604), _log.Count(605)));

        Mount(second.Certificate, second.Key);
        for (var i = 0; i < 3; i++) await files.LookAsync(Token);
        Mount(second.Certificate, first.Key);
        for (var i = 0; i < 3; i++) await files.LookAsync(Token);
        Assert.Equal((2, 2), (_log.Count(604), _log.Count(605)));
        Assert.Equal("CN=second", files.Current.Subject);
    }

    [Fact]
    public async Task Point38_ACertificateThatExpired_IsNotReady_UntilAnotherOneCame()
    {
        var first = _certificates.Leaf("CN=first", _clock.GetUtcNow().AddMinutes(1));
        Mount(first.Certificate, first.Key);
        await StartAsync();
        Assert.Null(_server.CheckCertificate());
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("the certificate of CN=first expired at 2026-11-22 00:01:00Z", _server.CheckCertificate());

        var second = _certificates.Leaf("CN=second");
        Mount(second.Certificate, second.Key);
        await ReloadAsync(() => _log.Count(604) == 2);
        Assert.Null(_server.CheckCertificate());
    }

    [Fact]
    public async Task Point39_TheWholeChain_IsShown_ToWhomTrustsOnlyTheRoot()
    {
        var leaf = _certificates.Leaf("CN=leaf");
        Mount(leaf.Certificate, leaf.Key);
        await StartAsync();
        using var client = Client(HttpVersion.Version11, trusting: true);

        Assert.Equal("pong HTTP/1.1 1", await PostAsync(client, "x"));
    }

    [Fact]
    public async Task OldProtocols_AreRefused()
    {
        var leaf = _certificates.Leaf("CN=leaf");
        Mount(leaf.Certificate, leaf.Key);
        await StartAsync();
        using var tcp = new TcpClient("127.0.0.1", _server.Port!.Value);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
#pragma warning disable SYSLIB0039, CA5397 // That it is refused is what is tested.
        var old = new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = SslProtocols.Tls11 };
#pragma warning restore SYSLIB0039, CA5397

        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(old, Token));
    }

    [Fact]
    public async Task BodiesAndTimes_AreBounded_AndFailuresSayNothing()
    {
        var leaf = _certificates.Leaf("CN=leaf");
        Mount(leaf.Certificate, leaf.Key);
        await StartAsync();
        using var client = Client(HttpVersion.Version20);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(client, "/ping", new string('x', 2000))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(client, "/nothing", "x")).Status);
        Assert.Equal((HttpStatusCode.InternalServerError, ""), await SendAsync(client, "/broken", "x"));
        var slow = SendAsync(client, "/slow", "x");
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await slow).Status);
    }

    [Theory]
    [InlineData("/ping", 10)]
    [InlineData("/slow", 0)]
    public async Task AClientThatGoesAway_IsNoErrorOfOurs(string path, int length)
    {
        var leaf = _certificates.Leaf("CN=leaf");
        Mount(leaf.Certificate, leaf.Key);
        await StartAsync();
        using (var tcp = new TcpClient("127.0.0.1", _server.Port!.Value))
        {
            await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync("localhost");
            await tls.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"), Token);
            // A handler has it when its time is counted.
            await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(30));
        }

        await _server.StopAsync(Token);
        Assert.Equal(0, _log.Count(603));
    }

    [Fact]
    public async Task AMissingCertificate_FailsTheStart_InASentence()
    {
        var error = await Assert.ThrowsAsync<HostStartException>(() => _server.StartAsync(Token));

        Assert.StartsWith($"No certificate can be read from {Path.Combine(_folder, "tls.crt")}: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("as a Secret of type kubernetes.io/tls holds them.", error.Message, StringComparison.Ordinal);
        Assert.Equal("no certificate is loaded", _server.CheckCertificate());
    }

    /// <summary>As kubelets do: the files are links through ..data, which is swapped.</summary>
    private void Mount(string certificate, string key)
    {
        var data = $"..{++_generation}";
        Directory.CreateDirectory(Path.Combine(_folder, data));
        File.WriteAllText(Path.Combine(_folder, data, "tls.crt"), certificate);
        File.WriteAllText(Path.Combine(_folder, data, "tls.key"), key);
        var link = Path.Combine(_folder, "..data");
        File.Delete(link);
        File.CreateSymbolicLink(link, data);
        foreach (var name in new[] { "tls.crt", "tls.key" })
        {
            var file = Path.Combine(_folder, name);
            if (!Path.Exists(file)) File.CreateSymbolicLink(file, Path.Combine("..data", name));
        }
    }

    private WebhookServer Create()
    {
        var options = new WebhookServerOptions
        {
            Address = IPAddress.Loopback,
            Port = 0,
            CertificateFile = Path.Combine(_folder, "tls.crt"),
            KeyFile = Path.Combine(_folder, "tls.key"),
            MaxRequestBytes = 1000,
        };
        var server = new WebhookServer(options, _clock, _log);
        server.Map("/ping", async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            await context.Response.WriteAsync($"pong {context.Request.Protocol} {body.Length}");
        });
        server.Map("/broken", _ => throw new InvalidOperationException("secret"));
        server.Map("/slow", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        return server;
    }

    private Task StartAsync() => _server.StartAsync(Token);

    /// <summary>Lets an interval pass, and waits until what is expected of it is there and the next one has begun.</summary>
    private async Task ReloadAsync(Func<bool> done)
    {
        _clock.Advance(TimeSpan.FromSeconds(10));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!done()) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
    }

    private async Task<string> ShownAsync()
    {
        using var tcp = new TcpClient("127.0.0.1", _server.Port!.Value);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        return tls.RemoteCertificate!.GetCertHashString();
    }

    private CountingClient Client(Version version, bool trusting = false) => new(trusting ? _certificates.Root : null)
    {
        BaseAddress = new Uri($"https://localhost:{_server.Port}"),
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static async Task<string> PostAsync(HttpClient client, string body) => (await SendAsync(client, "/ping", body)).Body;

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpClient client, string path, string body)
    {
        using var answer = await client.PostAsync(path, new StringContent(body), Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>A client that trusts a root alone, or everybody; counts its connections.</summary>
    private sealed class CountingClient : HttpClient
    {
        private readonly int[] _handshakes;

        public CountingClient(X509Certificate2? root)
            : this(root, new int[1])
        {
        }

        private CountingClient(X509Certificate2? root, int[] handshakes)
            : base(Handler(root, handshakes)) => _handshakes = handshakes;

        public int Handshakes => _handshakes[0];

        private static SocketsHttpHandler Handler(X509Certificate2? root, int[] handshakes)
        {
            var handler = new SocketsHttpHandler();
            if (root is not null)
            {
                handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                };
                return handler;
            }

            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) =>
            {
                Interlocked.Increment(ref handshakes[0]);
                return true;
            };
            return handler;
        }
    }
}
