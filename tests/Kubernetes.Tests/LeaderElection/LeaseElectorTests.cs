using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.LeaderElection;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.LeaderElection;

public sealed class LeaseElectorTests : IAsyncLifetime
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    private const string Path = Leases + "/l";

    private readonly TestClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private ScriptedServer _server = null!;
    private MemoryServer _memory = null!;
    private KubernetesClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _memory = new MemoryServer(_server);
        _client = _server.CreateClient(_clock);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _stop.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(10, 10, 2)]
    [InlineData(15, 10, 8.4)]
    [InlineData(15, 10, 0)]
    public void Times_MustFitTogether(double lease, double renew, double retry) => Assert.Throws<ArgumentException>(() => Elector("a", new LeaseElectorOptions
    {
        Namespace = "default",
        Name = "l",
        Identity = "a",
        LeaseDuration = TimeSpan.FromSeconds(lease),
        RenewDeadline = TimeSpan.FromSeconds(renew),
        RetryPeriod = TimeSpan.FromSeconds(retry),
    }));

    [Fact]
    public async Task AFreeLease_IsTaken_Renewed_AndReleasedAtTheEnd_AfterTheWork()
    {
        var elector = Elector("a");
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heldWhileStopping = "";
        var run = elector.RunAsync(
            async cancellation =>
            {
                leads.SetResult();
                await Forever(cancellation);
                heldWhileStopping = Holder();
            },
            _stop.Token);
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.True(elector.IsLeader);
        var first = Spec("renewTime");
        Assert.Equal("15", Spec("leaseDurationSeconds"));
        Assert.Matches(@"^2026-11-22T00:00:00\.\d{6}Z$", first);

        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));
        await _server.RequestAsync(r => r.Method == "PUT");
        await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(2));
        Assert.NotEqual(first, Spec("renewTime"));
        Assert.Equal(first, Spec("acquireTime"));
        await _stop.CancelAsync();
        await run;

        Assert.Equal("a", heldWhileStopping);
        Assert.Equal("", Holder());
        Assert.False(elector.IsLeader);
    }

    [Fact]
    public async Task ALeaseWhoseRecordIsOld_IsTakenOnlyAfterItStoodStillHereForItsDuration()
    {
        // The record's own times are a year old: nobody's clock but ours counts, from when we first saw it.
        _memory.Seed(Leases, """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{"holderIdentity":"old","leaseDurationSeconds":15,"renewTime":"2025-11-22T00:00:00.000000Z","acquireTime":"2025-11-22T00:00:00.000000Z","leaseTransitions":4}}""");
        var elector = Elector("a");
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = elector.RunAsync(
            async cancellation =>
            {
                leads.SetResult();
                await Forever(cancellation);
            },
            _stop.Token);
        var waited = TimeSpan.Zero;
        while (true)
        {
            Assert.False(leads.Task.IsCompleted);
            var wait = await _clock.TimerAsync(IsRetry);
            if (waited + wait >= TimeSpan.FromSeconds(15)) break;
            _clock.Advance(wait);
            waited += wait;
        }

        Assert.Equal("old", Holder());
        await _clock.ElapseAsync(IsRetry);
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(("a", "5"), (Holder(), Spec("leaseTransitions")));
        await _stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task ALeaseThatIsRenewed_IsNeverTaken()
    {
        _memory.Seed(Leases, Held("other", 0));
        var run = Elector("a").RunAsync(Forever, _stop.Token);
        for (var i = 1; i < 20; i++)
        {
            await _clock.ElapseAsync(IsRetry);
            _memory.Seed(Leases, Held("other", i));
        }

        Assert.Equal("other", Holder());
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal("other", Holder());
    }

    [Fact]
    public async Task ALeaderThatCannotRenew_StopsWorkingWithinTheDeadline_AndFails()
    {
        var elector = Elector("a");
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = TimeSpan.Zero;
        var began = _clock.GetTimestamp();
        var run = elector.RunAsync(
            async cancellation =>
            {
                leads.SetResult();
                await Forever(cancellation);
                stopped = _clock.GetElapsedTime(began);
            },
            _stop.Token);
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        _memory.Intercept = _ => ScriptedAnswer.Failure(500, "InternalError", "etcd is away");
        while (!run.IsCompleted)
        {
            var step = _clock.ElapseAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(2));
            await Task.WhenAny(step, run);
        }

        await Assert.ThrowsAsync<LeadershipLostException>(() => run);
        Assert.Equal(TimeSpan.FromSeconds(10), stopped);
        Assert.False(elector.IsLeader);
    }

    [Fact]
    public async Task ALeaseThatAnotherHasTaken_IsLostAtOnce()
    {
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Elector("a").RunAsync(
            async cancellation =>
            {
                leads.SetResult();
                await Forever(cancellation);
            },
            _stop.Token);
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        _memory.Seed(Leases, Held("other", 1));
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<LeadershipLostException>(() => run.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal("other", Holder());
    }

    [Fact]
    public async Task WorkThatFails_ReleasesTheLease()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Elector("a").RunAsync(_ => throw new InvalidOperationException("broken"), _stop.Token));

        Assert.Equal("", Holder());
    }

    // The release waits for its own, shorter timer; requests have 60 s.
    private static bool IsRetry(TimeSpan due) => due >= TimeSpan.FromSeconds(2) && due <= TimeSpan.FromSeconds(4.4);

    private static string Held(string holder, int second) => $$"""
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{"holderIdentity":"{{holder}}","leaseDurationSeconds":15,"renewTime":"2026-11-22T00:00:{{second:D2}}.000000Z"} }
        """;

    private async Task Forever(CancellationToken cancellation) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, _clock, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);

    private string Holder() => Spec("holderIdentity");

    private string Spec(string field) => _memory.Get(Path)["spec"]![field]!.ToString();

    private LeaseElector Elector(string identity, LeaseElectorOptions? options = null) => new(
        _client,
        options ?? new LeaseElectorOptions { Namespace = "default", Name = "l", Identity = identity },
        _clock,
        NullLoggerFactory.Instance);
}
