using System.Collections.Concurrent;
using System.Net;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Events;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.LeaderElection;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Hosting;

/// <summary>The order in which a process starts and stops.</summary>
public sealed class ControllerHostTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/configmaps";
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    private const string Events = "/apis/events.k8s.io/v1/namespaces/default/events";

    private readonly TestClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _working = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordingLoggers _log = new();
    private readonly ConcurrentQueue<string> _steps = new();
    private readonly HttpClient _http = new();
    private ScriptedServer _server = null!;
    private MemoryServer _memory = null!;
    private KubernetesClient _client = null!;
    private ControllerHost _host = null!;
    private HealthServer _health = null!;
    private EventRecorder _events = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _memory = new MemoryServer(_server);
        _client = _server.CreateClient(_clock);
        _host = new ControllerHost(_client, new KubernetesJson(), _clock, _log);
        _health = new HealthServer(new HealthServerOptions { Address = IPAddress.Loopback, Port = 0 }, _clock, _log);
        _events = new EventRecorder(_client, new EventRecorderOptions { ReportingController = "gpustack.io/operator", ReportingInstance = "op-0" }, _clock, _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _host.Dispose();
        await _health.DisposeAsync();
        _client.Dispose();
        _http.Dispose();
        _stop.Dispose();
        _log.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Point36_HttpStartsBeforeCaches_CachesBeforeTheElection_TheElectionBeforeWorkers()
    {
        var gate = false;
        _memory.Intercept = request => request.Path == Maps && !Volatile.Read(ref gate) ? ScriptedAnswer.Failure(500, "InternalError", "not yet") : null;
        _host.UseHealth(_health);
        _host.Informer<V1ConfigMap>();
        _host.AddService("other", token => WorkAsync("other", token), needsLeadership: false);
        _host.AddService("worker", token => WorkAsync("worker", token), needsLeadership: true);
        _memory.Seed(Leases, """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{"holderIdentity":"b","leaseDurationSeconds":15}}""");
        var run = _host.RunAsync(Elector(), _stop.Token);
        await _server.RequestAsync(r => r.Path == Maps);
        Assert.Equal((200, "ok"), await GetAsync("healthz"));
        Assert.Equal((500, "internal server error: not listed yet: configmaps\n"), await GetAsync("readyz/caches"));
        Assert.Empty(_steps);
        Assert.DoesNotContain(_server.Requests, r => r.Path.StartsWith(Leases, StringComparison.Ordinal));

        Volatile.Write(ref gate, true);
        await _clock.ElapseAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(2));
        await _server.RequestAsync(r => r.Path.StartsWith(Leases, StringComparison.Ordinal));
        Assert.Equal((200, "ok"), await GetAsync("readyz"));
        await _clock.TimerAsync(IsRetry);
        Assert.Equal(["other begins"], _steps);
        _memory.Seed(Leases, """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{"holderIdentity":""}}""");
        await _clock.ElapseAsync(IsRetry);
        await _working.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal((200, "[+]ping ok\n[+]leaderElection ok\nhealthz check passed\n"), await GetAsync("healthz?verbose"));

        await StopAsync(run);
        Assert.Equal(["other begins", "worker begins", "worker ends", "other ends"], _steps);
    }

    [Fact]
    public async Task Point36_WebhooksStartBeforeCaches_AndTheirCertificateCountsForReadiness()
    {
        using var certificates = new CertificateChain();
        var folder = Directory.CreateTempSubdirectory("gpustack-host-").FullName;
        try
        {
            var (certificate, key, _) = certificates.Leaf("CN=leaf", _clock.GetUtcNow().AddSeconds(-1));
            var options = new WebhookServerOptions { Address = IPAddress.Loopback, Port = 0, CertificateFile = Path.Combine(folder, "tls.crt"), KeyFile = Path.Combine(folder, "tls.key") };
            await File.WriteAllTextAsync(options.CertificateFile, certificate, Token);
            await File.WriteAllTextAsync(options.KeyFile, key, Token);
            var webhooks = new WebhookServer(options, _clock, _log);
            var served = false;
            _memory.Intercept = request =>
            {
                if (request.Path == Maps) served = webhooks.Port is not null;
                return null;
            };
            _host.UseHealth(_health);
            _host.UseWebhooks(webhooks);
            _host.Informer<V1ConfigMap>();
            var run = _host.RunAsync(_stop.Token);
            await _host.Synced.WaitAsync(TimeSpan.FromSeconds(30), Token);

            Assert.True(served);
            Assert.Equal((500, "[+]ping ok\n[+]caches ok\n[-]webhook-certificate failed: reason withheld\nreadyz check failed\n"), await GetAsync("readyz"));
            await StopAsync(run);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Point36_WhatCannotStart_FailsTheStart_AndWhatHadStartedIsStopped()
    {
        var webhooks = new WebhookServer(new WebhookServerOptions { CertificateFile = "/nonexistent/tls.crt", KeyFile = "/nonexistent/tls.key" }, _clock, _log);
        _host.UseHealth(_health);
        _host.UseWebhooks(webhooks);
        _host.Informer<V1ConfigMap>();
        _host.AddService("worker", token => WorkAsync("worker", token), needsLeadership: true);

        var error = await Assert.ThrowsAsync<HostStartException>(() => _host.RunAsync(_stop.Token));
        Assert.StartsWith("No certificate can be read from /nonexistent/tls.crt: ", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync("healthz"));
        Assert.Empty(_server.Requests);
        Assert.Empty(_steps);
        await Assert.ThrowsAsync<TaskCanceledException>(() => _host.Synced);
    }

    [Fact]
    public async Task AControllerThatComesTooLate_IsRefused()
    {
        _host.Informer<V1ConfigMap>();
        var run = _host.RunAsync(_stop.Token);

        Assert.Throws<InvalidOperationException>(() => _host.AddController(new Idle()));
        await StopAsync(run);
    }

    [Fact]
    public async Task Point37_TheLeaseIsReleasedAfterTheWorkers_AndEventsComeLast()
    {
        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.UseHealth(_health);
        _host.UseEvents(_events);
        _host.AddService(
            "worker",
            async token =>
            {
                await WorkAsync("worker", token);
                await renewed.Task;
                _events.Record(Map(), EventType.Normal, "Stopped", "Stop", "last words");
                _steps.Enqueue($"lease of {Holder()}");
            },
            needsLeadership: true);
        var run = _host.RunAsync(Elector(), _stop.Token);
        await _working.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await _stop.CancelAsync();
        // The worker takes its time: what is written first after the stop is a renewal, not the release.
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));
        var first = await _server.RequestAsync(r => r.Method == "PUT");
        Assert.Equal("a", first.Json["spec"]!["holderIdentity"]!.ToString());
        renewed.SetResult();
        await run.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Equal(["worker begins", "worker ends", "lease of a"], _steps);
        Assert.Equal("", Holder());
        var writes = _server.Requests.Where(r => r.Method is "POST" or "PUT").Select(r => r.Path).ToList();
        Assert.Contains(Events, writes);
        Assert.Equal(0, _log.Count(606));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync("healthz"));
    }

    [Fact]
    public async Task Point37_EventsAreWritten_EvenThoseOfTheVeryEnd()
    {
        // What is recorded while HTTP stops is still written: the recorder ends last.
        _host.UseEvents(_events);
        _host.AddService("worker", token => WorkAsync("worker", token), needsLeadership: true);
        _memory.Intercept = request =>
        {
            if (request.Method == "PUT") _events.Record(Map(), EventType.Normal, "Released", "Stop", "while the lease was released");
            return null;
        };
        var run = _host.RunAsync(Elector(), _stop.Token);
        await _working.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await StopAsync(run);

        Assert.Contains(_server.Requests, r => r.Path == Events && r.Body.Contains("while the lease was released", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Point37_AWorkerThatDoesNotStop_IsLeftBehindAfterItsTime_AndKeepsTheLease()
    {
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.UseHealth(_health);
        _host.AddService(
            "deaf",
            async _ =>
            {
                _working.SetResult();
                await stuck.Task;
            },
            needsLeadership: true);
        var run = _host.RunAsync(Elector(), _stop.Token);
        await _working.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var began = _clock.GetTimestamp();
        await _stop.CancelAsync();
        // Two thirds of 30 s; a leader's renewals are 2 s apart.
        await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(20));
        while (!run.IsCompleted && _clock.GetElapsedTime(began) < TimeSpan.FromSeconds(30))
        {
            await Task.WhenAny(_clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2)), run);
            await Task.WhenAny(_clock.TimerAsync(due => due == TimeSpan.FromSeconds(2)), run);
            if (_clock.GetElapsedTime(began) >= TimeSpan.FromSeconds(20)) await Task.WhenAny(run, Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, Token));
        }

        await run.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Contains("deaf still runs after 20.0 s of stopping", _log.Text, StringComparison.Ordinal);
        Assert.Equal("a", Holder());
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));
        await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(2));
        Assert.Equal("a", Holder());
        stuck.SetResult();
        await _server.RequestAsync(r => r.Body.Contains("\"holderIdentity\":\"\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Point35_ALostLease_EndsTheProcess()
    {
        _host.UseHealth(_health);
        _host.AddService("worker", token => WorkAsync("worker", token), needsLeadership: true);
        var run = _host.RunAsync(Elector(), _stop.Token);
        await _working.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        _memory.Seed(Leases, """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{"holderIdentity":"b","leaseDurationSeconds":15}}""");
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));

        var error = await Assert.ThrowsAsync<LeadershipLostException>(() => run.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal("a lost the lease default/l to b.", error.Message);
        Assert.Equal(["worker begins", "worker ends"], _steps);
        Assert.Equal("b", Holder());
    }

    [Fact]
    public async Task AServiceThatFails_StopsTheOthers_AndIsTheFailureOfTheRun()
    {
        var fail = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.AddService("worker", token => WorkAsync("worker", token), needsLeadership: true);
        _host.AddService("failing", async _ => await fail.Task, needsLeadership: false);
        _host.AddService("brief", _ => Task.CompletedTask, needsLeadership: true);
        var run = _host.RunAsync(Elector(), _stop.Token);
        await _working.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.False(run.IsCompleted);
        fail.SetException(new InvalidOperationException("broken"));

        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => run.WaitAsync(TimeSpan.FromSeconds(30), Token))).Message);
        Assert.Equal(["worker begins", "worker ends"], _steps);
        Assert.Equal("", Holder());
        await Assert.ThrowsAsync<InvalidOperationException>(() => _host.RunAsync(_stop.Token));
    }

    private static bool IsRetry(TimeSpan due) => due >= TimeSpan.FromSeconds(2) && due <= TimeSpan.FromSeconds(4.4);

    private static V1ConfigMap Map() => new() { ApiVersion = "v1", Kind = "ConfigMap", Metadata = { Name = "m", Namespace = "default", Uid = "u" } };

    private LeaseElector Elector() => new(_client, new LeaseElectorOptions { Namespace = "default", Name = "l", Identity = "a" }, _clock, _log);

    private string Holder() => _memory.Get($"{Leases}/l")["spec"]!["holderIdentity"]!.ToString();

    private async Task WorkAsync(string name, CancellationToken token)
    {
        _steps.Enqueue($"{name} begins");
        if (name == "worker") _working.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _steps.Enqueue($"{name} ends");
    }

    private async Task StopAsync(Task run)
    {
        await _stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    private async Task<(int Status, string Body)> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{_health.Port}/{path}"), Token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private sealed class Idle : IEntityController<V1ConfigMap>
    {
        public Task<ReconciliationResult<V1ConfigMap>> ReconcileAsync(V1ConfigMap entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<V1ConfigMap>.Success(entity));
    }
}
