using System.Net;
using System.Net.Http.Headers;
using GpuStack.Kubernetes.Access;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

#pragma warning disable CA5359, MA0039 // What certificate is shown is looked at, not trusted.

namespace GpuStack.Kubernetes.Tests.Hosting;

public sealed class ProtectedMetricsTests : IAsyncDisposable
{
    private readonly TestClock _clock = new();
    private readonly RecordingLoggers _log = new();
    private readonly List<string?> _asked = [];
    private Func<string?, AccessVerdict> _judge = _ => AccessVerdict.Allowed;
    private HealthServer? _server;
    private int _written;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _log.Dispose();
    }

    [Theory]
    [InlineData(AccessVerdict.Allowed, 200, "m 1\n")]
    [InlineData(AccessVerdict.Forbidden, 403, "forbidden\n")]
    [InlineData(AccessVerdict.Unauthenticated, 401, "unauthorized\n")]
    public async Task TheVerdict_IsTheAnswer(AccessVerdict verdict, int status, string body)
    {
        _judge = _ => verdict;
        await StartAsync();
        var answer = await GetAsync("token-in-the-test");

        Assert.Equal((status, body), (answer.Status, answer.Body));
        Assert.Equal(["Bearer token-in-the-test"], _asked);
        Assert.Equal(verdict == AccessVerdict.Unauthenticated, answer.Challenge == "Bearer");
        Assert.DoesNotContain("token-in-the-test", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhenTheApiServerCannotBeAsked_NobodyIsLetIn()
    {
        _judge = _ => throw new HttpRequestException("no route to host");
        await StartAsync();
        var answer = await GetAsync("t");
        Assert.Equal((503, "the API server cannot be asked who you are\n"), (answer.Status, answer.Body));

        _judge = _ => throw new IOException("the connection was cut");
        Assert.Equal(503, (await GetAsync("t")).Status);
        _judge = _ => throw new KubernetesException(new V1Status { Code = 403, Message = "tokenreviews is forbidden" });
        Assert.Equal(503, (await GetAsync("t")).Status);
        Assert.Equal((3, 0), (_log.Count(608), _log.Count(603)));
        Assert.Contains("tokenreviews is forbidden", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhenTheApiServerDoesNotAnswer_NobodyIsLetIn_AndNobodyWaitsForEver()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await StartAsync(protection => protection with
        {
            JudgeAsync = async (_, token) =>
            {
                asked.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return AccessVerdict.Allowed;
            },
        });
        var answer = GetAsync("token-in-the-test");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal((503, ""), ((await answer).Status, (await answer).Body));
        Assert.Equal((1, 0), (_log.Count(609), _log.Count(603)));
        Assert.DoesNotContain("token-in-the-test", _log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1", "GET", "m 1\n")]
    [InlineData("1.1", "HEAD", "")]
    [InlineData("2.0", "GET", "m 1\n")]
    [InlineData("2.0", "HEAD", "")]
    public async Task HeadAndHttp2_AreJudgedAsWell(string version, string method, string body)
    {
        _judge = authorization => authorization is null ? AccessVerdict.Unauthenticated : AccessVerdict.Allowed;
        await StartAsync();
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var http = new HttpClient(handler) { DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        async Task<(int Status, string Body)> AskAsync(string? authorization)
        {
            using var request = new HttpRequestMessage(HttpMethod.Parse(method), $"https://localhost:{_server!.MetricsPort}/metrics") { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
            if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var answer = await http.SendAsync(request, Token);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
        }

        Assert.Equal(401, (await AskAsync(null)).Status);
        Assert.Equal((200, body), await AskAsync("Bearer t"));
        // Who asks for the head makes nobody collect.
        Assert.Equal(method == "HEAD" ? 0 : 1, _written);
        var asked = _asked.Count;
        var tooLong = "Bearer " + new string('t', 20_000);
        // Kestrel's limit of all headers; over HTTP/2 clients know it and do not even ask.
        if (version == "2.0") await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(tooLong));
        else Assert.Equal(431, (await AskAsync(tooLong)).Status);
        Assert.Equal(asked, _asked.Count);
    }

    [Fact]
    public async Task OtherPaths_TellNothing_AndHealthStaysOpen()
    {
        await StartAsync();
        using var http = new HttpClient();
        Assert.Equal("ok", await http.GetStringAsync(new Uri($"http://localhost:{_server!.Port}/healthz"), Token));
        using var answer = await http.GetAsync(new Uri($"http://localhost:{_server.Port}/metrics"), Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(404, (await GetAsync("t", "/debug")).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://localhost:{_server.MetricsPort}/metrics"), Token));
    }

    [Fact]
    public async Task ACertificateOfItsOwn_IsRenewedBeforeItEnds()
    {
        await StartAsync();
        var first = (await GetAsync("t")).Certificate;
        Assert.Equal(first, (await GetAsync("t")).Certificate);
        _clock.Advance(TimeSpan.FromDays(336));

        Assert.NotEqual(first, (await GetAsync("t")).Certificate);
    }

    [Fact]
    public async Task ACertificateFromFiles_IsShown_AndAnotherOneWithoutARestart()
    {
        using var chain = new CertificateChain();
        var folder = Directory.CreateTempSubdirectory("gpustack-metrics-").FullName;
        try
        {
            var first = Mount("CN=first");
            await StartAsync(protection => protection with { CertificateFile = Path.Combine(folder, "tls.crt"), KeyFile = Path.Combine(folder, "tls.key") });
            Assert.Equal(first, (await GetAsync("t")).Certificate);
            var second = Mount("CN=second");
            while (_log.Count(604) < 2)
            {
                _clock.Advance(TimeSpan.FromSeconds(10));
                await Task.Yield();
                Token.ThrowIfCancellationRequested();
            }

            Assert.Equal(second, (await GetAsync("t")).Certificate);
        }
        finally
        {
            await _server!.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }

        string Mount(string subject)
        {
            var (certificate, key, thumbprint) = chain.Leaf(subject);
            File.WriteAllText(Path.Combine(folder, "tls.crt"), certificate);
            File.WriteAllText(Path.Combine(folder, "tls.key"), key);
            return thumbprint;
        }
    }

    [Fact]
    public async Task WithoutItsFiles_OrOnTheHealthPort_ItDoesNotStart()
    {
        var error = await Assert.ThrowsAsync<HostStartException>(() => StartAsync(protection => protection with { CertificateFile = "/nowhere/tls.crt", KeyFile = "/nowhere/tls.key" }));
        Assert.Contains("/nowhere/tls.crt", error.Message, StringComparison.Ordinal);
        await _server!.DisposeAsync();

        var large = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(large, new byte[(1024 * 1024) + 1], Token);
            error = await Assert.ThrowsAsync<HostStartException>(() => StartAsync(protection => protection with { CertificateFile = large, KeyFile = large }));
            Assert.Contains("larger than", error.Message, StringComparison.Ordinal);
            await _server!.DisposeAsync();
        }
        finally
        {
            File.Delete(large);
        }

        error = await Assert.ThrowsAsync<HostStartException>(() => StartAsync(metricsPort: null));
        Assert.Contains("no TLS", error.Message, StringComparison.Ordinal);
    }

    private Task StartAsync(Func<MetricsProtection, MetricsProtection>? change = null, int? metricsPort = 0)
    {
        var protection = new MetricsProtection
        {
            JudgeAsync = (authorization, _) =>
            {
                _asked.Add(authorization);
                return Task.FromResult(_judge(authorization));
            },
        };
        var options = new HealthServerOptions
        {
            Port = 0,
            MetricsPort = metricsPort,
            Metrics = new MetricsSource("text/plain", (stream, token) =>
            {
                _written++;
                return stream.WriteAsync("m 1\n"u8.ToArray(), token).AsTask();
            }),
            Protection = change?.Invoke(protection) ?? protection,
        };
        _server = new HealthServer(options, _clock, _log);
        return _server.StartAsync(Token);
    }

    private async Task<(int Status, string Body, string? Challenge, string Certificate)> GetAsync(string token, string path = "/metrics")
    {
        var shown = "";
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
            {
                shown = certificate!.GetCertHashString();
                return true;
            },
        };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{_server!.MetricsPort}{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, Token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token), answer.Headers.WwwAuthenticate.SingleOrDefault()?.Scheme, shown);
    }
}
