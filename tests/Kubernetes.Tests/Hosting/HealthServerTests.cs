using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Hosting;

public sealed class HealthServerTests : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly TestClock _clock = new();
    private HealthServer? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HealthServer Server => _server!;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    [Fact]
    public async Task Point38_Healthz_Livez_AndReadyz_AnswerOk_WhenNothingFails()
    {
        await StartAsync();
        foreach (var path in new[] { "healthz", "livez", "readyz", "readyz/", "healthz/ping", "readyz/ping" }) Assert.Equal((200, "ok"), await GetAsync(path));

        Assert.Equal((200, "[+]ping ok\nhealthz check passed\n"), await GetAsync("healthz?verbose"));
        Assert.Equal((404, "404 page not found\n"), await GetAsync("healthz/nothing"));
        Assert.Equal(404, (await GetAsync("")).Status);
        Assert.Equal(404, (await GetAsync("metrics")).Status);
    }

    [Fact]
    public async Task Point38_ACheckThatFails_FailsItsEndpointAlone_AndTellsItsReasonAtItsOwnPath()
    {
        await StartAsync();
        string? wrong = "nodes are not listed";
        Server.Readiness.Add("caches", () => wrong);
        Server.Readiness.Add("broken", () => wrong is null ? null : throw new InvalidOperationException("thrown"));

        Assert.Equal((500, "[+]ping ok\n[-]caches failed: reason withheld\n[-]broken failed: reason withheld\nreadyz check failed\n"), await GetAsync("readyz"));
        Assert.Equal((500, "internal server error: nodes are not listed\n"), await GetAsync("readyz/caches"));
        Assert.Equal((500, "internal server error: thrown\n"), await GetAsync("readyz/broken"));
        Assert.Equal((200, "ok"), await GetAsync("healthz"));
        Assert.Equal(404, (await GetAsync("healthz/caches")).Status);
        Assert.Equal((200, "ok"), await GetAsync("readyz?exclude=caches&exclude=broken"));
        Assert.Equal(
            (500, "[+]ping ok\n[+]caches excluded: ok\n[-]broken failed: reason withheld\nwarn: some health checks cannot be excluded: no matches for \"x?y\"\nreadyz check failed\n"),
            await GetAsync("readyz?exclude=caches&exclude=x%22y"));

        wrong = null;
        Assert.Equal((200, "[+]ping ok\n[+]caches ok\n[+]broken ok\nreadyz check passed\n"), await GetAsync("readyz?verbose"));
    }

    [Fact]
    public void ANameOfACheck_IsTakenOnce_AndFitsIntoAPath()
    {
        var checks = new HealthChecks();
        checks.Add("caches", () => null);

        Assert.Throws<ArgumentException>(() => checks.Add("caches", () => null));
        Assert.Throws<ArgumentException>(() => checks.Add("ping", () => null));
        Assert.Throws<ArgumentException>(() => checks.Add("a/b", () => null));
        Assert.Throws<ArgumentException>(() => checks.Add("", () => null));
    }

    [Fact]
    public async Task Metrics_AreOpenMetrics_ForThoseThatAskForIt()
    {
        var open = new MetricsSource("application/openmetrics-text; version=1.0.0", (stream, token) => stream.WriteAsync("open"u8.ToArray(), token).AsTask());
        await StartAsync(o => o with { Metrics = new MetricsSource("text/plain", (stream, token) => stream.WriteAsync("plain"u8.ToArray(), token).AsTask()) { OpenMetrics = open } });
        foreach (var (accept, expected) in new[] { ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "open"), ("*/*", "plain") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Server.Port}/metrics");
            request.Headers.TryAddWithoutValidation("Accept", accept);
            using var answer = await _http.SendAsync(request, Token);
            Assert.Equal(expected, await answer.Content.ReadAsStringAsync(Token));
            Assert.Equal(expected == "open" ? "application/openmetrics-text" : "text/plain", answer.Content.Headers.ContentType?.MediaType);
            Assert.Equal("Accept", Assert.Single(answer.Headers.Vary));
        }
    }

    [Fact]
    public async Task Metrics_AreOnTheSamePort_UnlessTheyHaveTheirOwn()
    {
        await StartAsync(o => o with { Metrics = new MetricsSource("text/plain; version=0.0.4; charset=utf-8", (stream, token) => stream.WriteAsync("m 1\n"u8.ToArray(), token).AsTask()) });
        using var answer = await _http.GetAsync(new Uri(Url("metrics")), Token);
        Assert.Equal(("text/plain; version=0.0.4; charset=utf-8", "m 1\n"), (answer.Content.Headers.ContentType!.ToString(), await answer.Content.ReadAsStringAsync(Token)));
        Assert.Equal(Server.Port, Server.MetricsPort);
        await Server.DisposeAsync();

        await StartAsync(o => o with { MetricsPort = 0, Metrics = new MetricsSource("text/plain", (stream, token) => stream.WriteAsync("m 2\n"u8.ToArray(), token).AsTask()) });
        Assert.NotEqual(Server.Port, Server.MetricsPort);
        Assert.Equal(404, (await GetAsync("metrics")).Status);
        Assert.Equal("m 2\n", await _http.GetStringAsync(new Uri($"http://localhost:{Server.MetricsPort}/metrics"), Token));
        using var health = await _http.GetAsync(new Uri($"http://localhost:{Server.MetricsPort}/healthz"), Token);
        Assert.Equal(HttpStatusCode.NotFound, health.StatusCode);
    }

    [Fact]
    public async Task MetricsThatFail_AreAnError_AndTheServerLivesOn()
    {
        await StartAsync(o => o with { Metrics = new MetricsSource("text/plain", (_, _) => throw new InvalidOperationException("secret")) });

        Assert.Equal((500, ""), await GetAsync("metrics"));
        Assert.Equal((200, "ok"), await GetAsync("healthz"));
    }

    [Fact]
    public async Task OnlyReads_OfBoundedSize_AreAnswered()
    {
        await StartAsync();
        using var post = await _http.PostAsync(new Uri(Url("healthz")), new StringContent("x"), Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        using var long1 = await _http.GetAsync(new Uri(Url("healthz?" + new string('a', 5000))), Token);
        Assert.Equal(HttpStatusCode.RequestUriTooLong, long1.StatusCode);
        using var request = new HttpRequestMessage(System.Net.Http.HttpMethod.Get, Url("healthz"));
        request.Headers.Add("x-long", new string('a', 20_000));
        using var long2 = await _http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, long2.StatusCode);
        using var head = await _http.SendAsync(new HttpRequestMessage(System.Net.Http.HttpMethod.Head, Url("healthz")), Token);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    public async Task BothFamilies_AreServed_WhenNoAddressIsAskedFor(string address, bool answers)
    {
        await StartAsync();

        Assert.Equal(answers, await AnswersAsync(IPAddress.Parse(address), Server.Port!.Value));
    }

    [Fact]
    public async Task OnlyTheAddressThatWasAskedFor_IsServed()
    {
        await StartAsync(o => o with { Address = IPAddress.Loopback });

        Assert.True(await AnswersAsync(IPAddress.Loopback, Server.Port!.Value));
        Assert.False(await AnswersAsync(IPAddress.IPv6Loopback, Server.Port!.Value));
    }

    [Fact]
    public async Task APortThatIsTaken_IsSaidInASentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var error = await Assert.ThrowsAsync<HostStartException>(() => StartAsync(o => o with { Address = IPAddress.Loopback, Port = port }));
        Assert.StartsWith($"The health endpoint cannot listen on 127.0.0.1:{port}: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Stop what uses it, or choose another port.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAddressOfAnotherMachine_IsSaidInASentence()
    {
        var error = await Assert.ThrowsAsync<HostStartException>(() => StartAsync(o => o with { Address = IPAddress.Parse("203.0.113.7") }));
        Assert.StartsWith("The health endpoint cannot listen on 203.0.113.7:0: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClientThatGoesAway_IsNoErrorOfOurs()
    {
        using var log = new RecordingLoggers();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task WriteAsync(Stream stream, CancellationToken token)
        {
            asked.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
            }
            finally
            {
                ended.SetResult();
            }
        }

        _server = new HealthServer(new HealthServerOptions { Port = 0, Metrics = new MetricsSource("text/plain", WriteAsync) }, _clock, log);
        await _server.StartAsync(Token);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _server.Port!.Value, Token);
        await client.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        client.Close();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await _server.StopAsync(Token);

        Assert.Equal(0, log.Count(603));
    }

    [Fact]
    public async Task WithoutAPort_NothingListens()
    {
        await StartAsync(o => o with { Port = null });

        Assert.Null(Server.Port);
        Assert.Null(Server.MetricsPort);
        await Server.StopAsync(Token);
    }

    private static async Task<bool> AnswersAsync(IPAddress address, int port)
    {
        using var client = new TcpClient(address.AddressFamily);
        try
        {
            await client.ConnectAsync(address, port, Token);
        }
        catch (SocketException)
        {
            return false;
        }

        var stream = client.GetStream();
        await stream.WriteAsync("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray(), Token);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return (await reader.ReadToEndAsync(Token)).EndsWith("ok\r\n0\r\n\r\n", StringComparison.Ordinal);
    }

    [MemberNotNull(nameof(_server))]
    private Task StartAsync(Func<HealthServerOptions, HealthServerOptions>? change = null)
    {
        var options = new HealthServerOptions { Port = 0 };
        _server = new HealthServer(change?.Invoke(options) ?? options, _clock, NullLoggerFactory.Instance);
        return _server.StartAsync(Token);
    }

    private string Url(string path) => $"http://localhost:{Server.Port}/{path}";

    private async Task<(int Status, string Body)> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(Url(path)), Token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }
}
