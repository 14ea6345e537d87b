using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Client.Transport;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Client;

/// <summary>Sending: retries, the rate, headers, counts, and the size of failures.</summary>
public sealed class RequestTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private ScriptedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task AnAnswerWithRetryAfter_IsWaitedFor_AndTheBodyIsSentAgain(int status)
    {
        _server.Answer = _ => _server.Requests.Count < 3 ? Busy(status, "2") : ScriptedAnswer.Ok(Json.ConfigMap("a", 7));
        using var client = _server.CreateClient(_clock);
        var create = client.CreateAsync(new V1ConfigMap { Metadata = { Name = "a", Namespace = "default" } }, Token);
        Assert.Equal(TimeSpan.FromSeconds(2), await _clock.ElapseAsync(t => t <= TimeSpan.FromSeconds(30)));
        Assert.Equal(TimeSpan.FromSeconds(2), await _clock.ElapseAsync(t => t <= TimeSpan.FromSeconds(30)));

        Assert.Equal("7", (await create).Metadata.ResourceVersion);
        Assert.Equal(3, _server.Requests.Count);
        Assert.Single(_server.Requests.Select(r => r.Body).Distinct());
    }

    [Fact]
    public async Task RetryAfter_MayBeADate()
    {
        var at = _clock.GetUtcNow() + TimeSpan.FromSeconds(5);
        _server.Answer = _ => _server.Requests.Count < 2 ? Busy(503, at.ToString("R", System.Globalization.CultureInfo.InvariantCulture)) : ScriptedAnswer.Ok(Json.ConfigMap("a", 7));
        using var client = _server.CreateClient(_clock);
        var get = client.GetAsync<V1ConfigMap>("a", "default", Token);

        Assert.Equal(TimeSpan.FromSeconds(5), await _clock.ElapseAsync(t => t <= TimeSpan.FromSeconds(30)));
        Assert.NotNull(await get);
    }

    [Fact]
    public async Task AServerThatStaysBusy_IsAskedTenTimes()
    {
        _server.Answer = _ => Busy(429, "0");
        using var client = _server.CreateClient(_clock);

        var error = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync<V1ConfigMap>("a", "default", Token).WaitAsync(TimeSpan.FromSeconds(30), Token));

        Assert.True(error.IsTooManyRequests);
        Assert.Equal(10, _server.Requests.Count);
    }

    [Theory]
    [InlineData(429, null)]
    [InlineData(500, null)]
    [InlineData(404, "1")]
    [InlineData(409, "1")]
    [InlineData(429, "31")]
    [InlineData(429, "4000000000")]
    [InlineData(429, "soon")]
    public async Task OtherAnswers_AndLongWaits_AreFinal(int status, string? retryAfter)
    {
        _server.Answer = _ => Busy(status, retryAfter);
        using var client = _server.CreateClient(_clock);

        await Assert.ThrowsAsync<KubernetesException>(() => client.ListAsync<V1ConfigMap>("default", null, Token).WaitAsync(TimeSpan.FromSeconds(30), Token));

        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task AWaitBeyondTheRequestsTime_IsNotBegun()
    {
        _server.Answer = _ => Busy(429, "20");
        using var client = _server.CreateClient(_clock);
        var get = client.ListAsync<V1ConfigMap>("default", null, Token);
        await _clock.ElapseAsync(t => t == TimeSpan.FromSeconds(20));
        await _clock.ElapseAsync(t => t == TimeSpan.FromSeconds(20));

        var error = await Assert.ThrowsAsync<KubernetesException>(() => get);

        Assert.Equal(TimeSpan.FromSeconds(20), error.RetryAfter);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task AWatch_IsNotSentAgain()
    {
        _server.RefuseWatch = _ => Busy(429, "1");
        using var client = _server.CreateClient(_clock);
        await using var events = client.WatchAsync<V1ConfigMap>(cancellationToken: Token).GetAsyncEnumerator(Token);

        var error = await Assert.ThrowsAsync<KubernetesException>(() => events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token));

        Assert.Equal(TimeSpan.FromSeconds(1), error.RetryAfter);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task ARate_MakesFurtherRequestsWait_AndCountsAWatchOnce()
    {
        using var client = _server.CreateClient(_clock, options: new KubernetesClientOptions { RequestsPerSecond = 2, RequestBurst = 2 });
        await client.GetAsync<V1ConfigMap>("a", "default", Token);
        await using var events = client.WatchAsync<V1ConfigMap>(cancellationToken: Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        await session.SendAsync("ADDED", Json.ConfigMap("a", 6));
        await session.SendAsync("MODIFIED", Json.ConfigMap("a", 7));
        Assert.True(await next && await events.MoveNextAsync());

        var third = client.GetAsync<V1ConfigMap>("a", "default", Token);
        await _clock.TimerAsync(t => t == TimeSpan.FromSeconds(0.5));
        Assert.Equal(2, _server.Requests.Count);
        await _clock.ElapseAsync(t => t == TimeSpan.FromSeconds(0.5));
        await third;
        session.Complete();
    }

    [Fact]
    public async Task WhoStopsWaitingForTheRate_GivesItsPlaceBack()
    {
        using var client = _server.CreateClient(_clock, options: new KubernetesClientOptions { RequestsPerSecond = 1, RequestBurst = 1 });
        await client.GetAsync<V1ConfigMap>("a", "default", Token);
        using var stop = new CancellationTokenSource();
        var waiting = client.GetAsync<V1ConfigMap>("a", "default", stop.Token);
        await _clock.TimerAsync(t => t == TimeSpan.FromSeconds(1));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var next = client.GetAsync<V1ConfigMap>("a", "default", Token);
        await _clock.ElapseAsync(t => t == TimeSpan.FromSeconds(1));
        await next;
        Assert.Equal(2, _server.Requests.Count);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(-1, null)]
    [InlineData(double.NaN, null)]
    [InlineData(1, 0)]
    public void ARateThatLetsNothingThrough_IsRefused(double rate, int? burst) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _server.CreateClient(_clock, options: new KubernetesClientOptions { RequestsPerSecond = rate, RequestBurst = burst }));

    [Fact]
    public async Task Headers_SayWhoWeAre_AndAsWhomWeAct()
    {
        var configuration = new KubernetesClientConfiguration
        {
            Server = _server.Url,
            UserAgent = "mine/1.0\r\nX-Injected: 1",
            DisableCompression = true,
            BasicCredentials = "dTpw",
            Impersonate = new Impersonation("jürgen")
            {
                Uid = "42",
                Group = "dev",
                Extra = new Dictionary<string, string> { ["example.com/team"] = "a" },
            },
        };
        using var client = _server.CreateClient(_clock, configuration);
        await client.GetAsync<V1ConfigMap>("a", "default", Token);

        var headers = _server.Requests.Single().Headers;
        Assert.Equal(("mine/1.0X-Injected: 1", "Basic dTpw"), (headers["User-Agent"], headers["Authorization"]));
        Assert.False(headers.ContainsKey("Accept-Encoding"));
        Assert.Equal(("jürgen", "42", "dev"), (headers["Impersonate-User"], headers["Impersonate-Uid"], headers["Impersonate-Group"]));
        Assert.Equal("a", headers["Impersonate-Extra-example.com%2Fteam"]);
    }

    [Theory]
    [InlineData("0.1.0+8a6c2f", "gpustack-operator/0.1.0 (")]
    [InlineData("1.2.3-rc.1", "gpustack-operator/1.2.3-rc.1 (")]
    [InlineData("1 \r\n(x)", "gpustack-operator/1x (")]
    [InlineData(null, "gpustack-operator/0 (")]
    public void TheUserAgent_HasTheVersionInCharactersThatHeadersCarry(string? version, string expected)
    {
        var agent = ProductUserAgent.Create(version);

        Assert.StartsWith(expected, agent, StringComparison.Ordinal);
        Assert.Matches(@"^gpustack-operator/\S+ \([a-z]+/[a-z0-9]+\)$", agent);
        Assert.StartsWith("gpustack-operator/0.", new KubernetesClientConfiguration { Server = _server.Url }.UserAgent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Point41_RestClientRequestsTotal_CountsByCodeMethodAndHost()
    {
        var host = $"127.0.0.1:{_server.Url.Port}";
        using var counts = new RequestCounts(host);
        using (var client = _server.CreateClient(_clock))
        {
            await client.GetAsync<V1ConfigMap>("a", "default", Token);
            _server.Answer = _ => Busy(500, null);
            await Assert.ThrowsAsync<KubernetesException>(() => client.DeleteAsync<V1ConfigMap>("a", "default", null, Token));
            await _server.DisposeAsync();
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync<V1ConfigMap>("a", "default", Token));
        }

        Assert.Equal(["404 GET", "500 DELETE", "<error> GET"], counts.Seen);
    }

    [Fact]
    public async Task AFailuresBody_IsReadToABound_AndItsMessageIsCut()
    {
        using var client = _server.CreateClient(_clock);
        _server.Answer = _ => ScriptedAnswer.Failure(500, "InternalError", new string('x', 20_000));
        var error = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync<V1ConfigMap>("a", "default", Token));
        Assert.Equal(FailureStatus.MaxMessage + 1, error.Message.Length);

        _server.Answer = _ => ScriptedAnswer.Failure(500, "InternalError", new string('x', FailureStatus.MaxBytes));
        error = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync<V1ConfigMap>("a", "default", Token));
        Assert.Equal("The API server answered 500 Internal Server Error.", error.Message);
    }

    private static ScriptedAnswer Busy(int status, string? retryAfter) => ScriptedAnswer.Failure(status, "Busy", "busy") with
    {
        Headers = retryAfter is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = retryAfter },
    };

    /// <summary>What is counted for one host; other tests count at the same time.</summary>
    private sealed class RequestCounts : IDisposable
    {
        private readonly MeterListener _listener = new();

        public RequestCounts(string host)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == KubernetesMeter.Name && instrument.Name == "rest_client_requests_total") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                var labels = tags.ToArray().ToDictionary(t => t.Key, t => t.Value!.ToString());
                if (labels["host"] == host && value == 1) Seen.Enqueue($"{labels["code"]} {labels["method"]}");
            });
            _listener.Start();
        }

        public ConcurrentQueue<string> Seen { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
