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
    [InlineData(10, 15, 2)]
    public void Point33_LeaseRenewDeadlineAndRetry_MustFitTogether(double lease, double renew, double retry) => Assert.Throws<ArgumentException>(() => Elector("a", new LeaseElectorOptions
    {
        Namespace = "default",
        Name = "l",
        Identity = "a",
        LeaseDuration = TimeSpan.FromSeconds(lease),
        RenewDeadline = TimeSpan.FromSeconds(renew),
        RetryPeriod = TimeSpan.FromSeconds(retry),
    }));

    [Fact]
    public async Task Point35_ALeaderWhoseRenewalsFailUnforeseen_StopsLeading()
    {
        var line = new LeaseLine(new LeaseWorld(), _clock);
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = new LeaseElector(line, new LeaseElectorOptions { Namespace = "default", Name = "l", Identity = "a" }, _clock, NullLoggerFactory.Instance).RunAsync(
            cancellation =>
            {
                leads.SetResult();
                return Forever(cancellation);
            },
            _stop.Token);
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        line.Fault = LeaseFault.Unforeseen;

        await LoseAsync(run);
    }

    [Fact]
    public async Task Point35_AFreeLease_IsTaken_Renewed_AndReleasedAtTheEnd_AfterTheWork()
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
        Assert.Equal(("", "1", "0"), (Holder(), Spec("leaseDurationSeconds"), Spec("leaseTransitions")));
        Assert.False(elector.IsLeader);
    }

    [Fact]
    public async Task Point34_ALeaseWhoseRecordIsOld_IsTakenOnlyAfterItStoodStillHereForItsDuration()
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
    public async Task Point34_ALeaseThatIsRenewed_IsNeverTaken()
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
    public async Task Point35_ALeaderThatCannotRenew_StopsWorkingWithinTheDeadline_AndFails()
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
    public async Task Point35_ALeaseThatAnotherHasTaken_IsLostAtOnce()
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

    [Fact]
    public void Point33_TheDefaults_AreThoseOfControllerRuntime()
    {
        var options = new LeaseElectorOptions { Namespace = "default", Name = "l", Identity = "a" };

        options.Validate();
        Assert.Equal((15, 10, 2), (options.LeaseDuration.TotalSeconds, options.RenewDeadline.TotalSeconds, options.RetryPeriod.TotalSeconds));
    }

    [Theory]
    [InlineData("2030-01-01T00:00:00.000000Z")]
    [InlineData("2000-01-01T00:00:00.000000Z")]
    public async Task Point34_ForeignClocks_MakeNoDifference(string renewTime)
    {
        _memory.Seed(Leases, $$$"""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{"holderIdentity":"b","leaseDurationSeconds":6,"renewTime":"{{{renewTime}}}"}}""");
        var (run, leads) = Start();

        Assert.InRange(await LeadsAfterAsync(leads), TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(10.4));
        await StopAsync(run);
    }

    [Theory]
    [InlineData("""{"holderIdentity":"b"}""")]
    [InlineData("""{"holderIdentity":"b","leaseDurationSeconds":0}""")]
    [InlineData("""{"holderIdentity":"b","leaseDurationSeconds":-5,"leaseTransitions":-1,"acquireTime":null}""")]
    public async Task AHolderWithoutADuration_IsWaitedOutByOurs(string spec)
    {
        _memory.Seed(Leases, $$$"""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{{{spec}}}}""");
        var (run, leads) = Start();

        Assert.InRange(await LeadsAfterAsync(leads), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(19.4));
        Assert.Equal("1", Spec("leaseTransitions"));
        await StopAsync(run);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"spec":{}}""")]
    [InlineData("""{"spec":{"holderIdentity":"","leaseDurationSeconds":1}}""")]
    [InlineData("""{"spec":{"holderIdentity":"a","leaseDurationSeconds":15}}""")]
    public async Task ALeaseOfNobody_OrOfOurOwnName_IsTakenAtOnce(string rest)
    {
        var lease = System.Text.Json.Nodes.JsonNode.Parse(rest)!.AsObject();
        lease["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = "l", ["namespace"] = "default", ["labels"] = new System.Text.Json.Nodes.JsonObject { ["x"] = "y" } };
        _memory.Seed(Leases, lease.ToJsonString());
        var (run, leads) = Start();
        await leads.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Equal(("a", "y"), (Holder(), _memory.Get(Path)["metadata"]!["labels"]!["x"]!.ToString()));
        await StopAsync(run);
    }

    [Fact]
    public async Task Point34_ALeaseThatVanishes_CountsAsRenewedJustThen()
    {
        _memory.Seed(Leases, Held("other", 0));
        var gone = 0;
        _memory.Intercept = r => r.Method == "GET" && Volatile.Read(ref gone) == 1 ? ScriptedAnswer.NotFound("l") : null;
        var (run, leads) = Start();
        await _clock.ElapseAsync(IsRetry);
        await _clock.TimerAsync(IsRetry);
        Volatile.Write(ref gone, 1);
        await _clock.ElapseAsync(IsRetry);
        await _clock.TimerAsync(IsRetry);
        Volatile.Write(ref gone, 0);
        _memory.Remove(Path);

        Assert.InRange(await LeadsAfterAsync(leads), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(19.4));
        await StopAsync(run);
    }

    [Fact]
    public async Task ALeaderWhoseLeaseWasDeleted_WritesItAnew()
    {
        var (run, leads) = Start();
        await leads.WaitAsync(TimeSpan.FromSeconds(30), Token);
        _memory.Remove(Path);
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));
        await _server.RequestAsync(r => r.Method == "PUT");
        await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(2));

        Assert.Equal("a", Holder());
        await StopAsync(run);
    }

    [Fact]
    public async Task AConflictOfARenewal_IsSettledInTheSameTry()
    {
        var (run, leads) = Start();
        await leads.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var acquired = Spec("acquireTime");
        // Somebody labels the lease: its version is another, its holder is not.
        var lease = _memory.Get(Path);
        lease["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["by"] = "hand" };
        _memory.Seed(Leases, lease.ToJsonString());
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));
        await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(2));

        Assert.Equal(("a", acquired), (Holder(), Spec("acquireTime")));
        Assert.Equal("2026-11-22T00:00:02.000000Z", Spec("renewTime"));
        Assert.Equal("hand", _memory.Get(Path)["metadata"]!["labels"]!["by"]!.ToString());
        await StopAsync(run);
    }

    [Fact]
    public async Task Point35_AHangingRenewal_LeavesTimeForAnotherOne()
    {
        var (run, leads) = Start();
        await leads.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var hang = 1;
        _server.Answer = WithHanging(_server.Answer, r => r.Method == "PUT" && Interlocked.Exchange(ref hang, 0) == 1);
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));
        await _server.RequestAsync(r => r.Method == "PUT");
        // Half the deadline for the hanging one, then the next try, 9 s after the last renewal.
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(5));
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));
        await _server.RequestAsync(r => r.Method == "PUT");
        await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(2));

        Assert.Equal("2026-11-22T00:00:09.000000Z", Spec("renewTime"));
        Assert.False(run.IsCompleted);
        await StopAsync(run);
    }

    [Fact]
    public async Task Point35_ASlowAnswer_CountsFromWhenItWasAskedFor()
    {
        // The lease is ours from 0 s on, though the answer comes after 4 s: others may count from 0 s as well.
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Delay = r => r.Method == "POST" ? answer.Task : Task.CompletedTask;
        var began = _clock.GetTimestamp();
        var (run, leads) = Start();
        await _server.RequestAsync(r => r.Method == "POST");
        _clock.Advance(TimeSpan.FromSeconds(4));
        answer.SetResult();
        await leads.WaitAsync(TimeSpan.FromSeconds(30), Token);
        _memory.Intercept = _ => ScriptedAnswer.Failure(500, "InternalError", "etcd is away");
        await LoseAsync(run);

        Assert.Equal(TimeSpan.FromSeconds(10), _clock.GetElapsedTime(began));
    }

    [Fact]
    public async Task Point35_WhileItsWorkEnds_ALeaderKeepsRenewing_AndReleasesAfterwards()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Elector("a").RunAsync(
            async _ =>
            {
                leads.SetResult();
                await ended.Task;
            },
            _stop.Token);
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await _stop.CancelAsync();
        for (var i = 0; i < 10; i++)
        {
            await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(2));
            await _clock.TimerAsync(due => due == TimeSpan.FromSeconds(2));
        }

        Assert.Equal(("a", "2026-11-22T00:00:20.000000Z"), (Holder(), Spec("renewTime")));
        ended.SetResult();
        await run.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal("", Holder());
    }

    [Fact]
    public async Task Point35_AReleaseThatMeetsANewerVersion_LooksAndReleasesThat()
    {
        var (run, leads) = Start();
        await leads.WaitAsync(TimeSpan.FromSeconds(30), Token);
        _memory.Seed(Leases, _memory.Get(Path).ToJsonString());
        await StopAsync(run);

        Assert.Equal("", Holder());
    }

    [Fact]
    public async Task Point38_WorkThatOutlivesItsLease_IsUnhealthy()
    {
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var elector = Elector("a");
        Assert.Null(elector.Check());
        var run = elector.RunAsync(
            async _ =>
            {
                leads.SetResult();
                await stuck.Task;
            },
            _stop.Token);
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        _memory.Intercept = _ => ScriptedAnswer.Failure(500, "InternalError", "etcd is away");

        // It does not wait for its work longer than nobody else may lead: 10 s and 5 s.
        var began = _clock.GetTimestamp();
        Assert.Contains("its work has not ended yet", (await LoseAsync(run, leader: elector)).Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(15), _clock.GetElapsedTime(began));
        Assert.Null(elector.Check());
        _clock.Advance(TimeSpan.FromSeconds(20.5));
        Assert.Equal("the lease default/l was renewed 35 s ago, and its work still runs", elector.Check());
        stuck.SetResult();
    }

    [Fact]
    public async Task Point41_TheGauge_IsZeroFromTheStart_AndOneWhileLeading()
    {
        var name = $"gauge-{Guid.NewGuid():n}";
        var elector = Elector("a", new LeaseElectorOptions { Namespace = "default", Name = name, Identity = "a" });
        Assert.Equal(0, Gauge(name));
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = elector.RunAsync(
            async cancellation =>
            {
                leads.SetResult();
                await Forever(cancellation);
            },
            _stop.Token);
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(1, Gauge(name));
        await StopAsync(run);

        Assert.Equal(0, Gauge(name));
    }

    /// <summary>A candidate's wait between tries, with the chance of these tests; a leader's is 2 s.</summary>
    private static bool IsRetry(TimeSpan due) => due == TimeSpan.FromSeconds(3.2);

    private static string Held(string holder, int second) => $$"""
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{"holderIdentity":"{{holder}}","leaseDurationSeconds":15,"renewTime":"2026-11-22T00:00:{{second:D2}}.000000Z"} }
        """;

    private async Task Forever(CancellationToken cancellation) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, _clock, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);

    private static int Gauge(string name)
    {
        int? found = null;
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "GpuStack.Kubernetes" && instrument.Name == "leader_election_master_status") l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) =>
        {
            if (tags.ToArray().Contains(new KeyValuePair<string, object?>("name", name))) found = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return Assert.NotNull(found);
    }

    private static Func<RecordedRequest, ScriptedAnswer?> WithHanging(Func<RecordedRequest, ScriptedAnswer?> answer, Func<RecordedRequest, bool> hangs) =>
        request => hangs(request) ? null : answer(request);

    private (Task Run, Task Leads) Start()
    {
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Elector("a").RunAsync(
            async cancellation =>
            {
                leads.SetResult();
                await Forever(cancellation);
            },
            _stop.Token);
        return (run, leads.Task);
    }

    private async Task StopAsync(Task run)
    {
        await _stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    /// <summary>Moves from try to try, and returns how long it took until the lease was ours.</summary>
    private async Task<TimeSpan> LeadsAfterAsync(Task leads)
    {
        var began = _clock.GetTimestamp();
        while (_clock.GetElapsedTime(began) < TimeSpan.FromMinutes(1))
        {
            var retry = _clock.TimerAsync(IsRetry);
            if (await Task.WhenAny(retry, leads) == leads) return _clock.GetElapsedTime(began);
            // A leader's own timer is exactly 2 s; a candidate's is longer.
            if (leads.IsCompleted) return _clock.GetElapsedTime(began);
            _clock.Advance(await retry);
            await Task.WhenAny(_clock.TimerAsync(IsRetry), leads);
        }

        throw new TimeoutException("The lease was not taken within a minute.");
    }

    private async Task<LeadershipLostException> LoseAsync(Task run, LeaseElector? leader = null)
    {
        // Tries have a limit of 5 s, which must not elapse while they are under way; so has work that does not end.
        while (!run.IsCompleted)
        {
            var step = _clock.ElapseAsync(due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(leader?.IsLeader == false ? 5 : 2));
            await Task.WhenAny(step, run);
        }

        return await Assert.ThrowsAsync<LeadershipLostException>(() => run);
    }

    private string Holder() => Spec("holderIdentity");

    private string Spec(string field) => _memory.Get(Path)["spec"]![field]!.ToString();

    private LeaseElector Elector(string identity, LeaseElectorOptions? options = null) => new(
        _client,
        options ?? new LeaseElectorOptions { Namespace = "default", Name = "l", Identity = identity },
        _clock,
        NullLoggerFactory.Instance,
        () => 0.5);
}
