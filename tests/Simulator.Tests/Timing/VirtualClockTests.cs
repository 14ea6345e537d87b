using System.Net.Http.Json;
using GpuStack.Simulator.Storage;
using GpuStack.Simulator.Timing;

namespace GpuStack.Simulator.Tests.Timing;

[Collection(nameof(QuietCollection))]
public sealed class VirtualClockTests
{
    private readonly VirtualClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Time_stands_still_until_it_is_moved()
    {
        var wait = Task.Delay(TimeSpan.FromHours(1), _clock, Cancellation);
        await Task.WhenAny(wait, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation));
        Assert.Equal(TimeSpan.Zero, _clock.Elapsed);

        await _clock.AdvanceAsync(TimeSpan.FromMinutes(59), Cancellation);
        Assert.False(wait.IsCompleted);
        await _clock.AdvanceAsync(TimeSpan.FromMinutes(1), Cancellation);

        Assert.True(wait.IsCompleted);
        Assert.Equal(TimeSpan.FromHours(1), _clock.Elapsed);
    }

    [Fact]
    public async Task Each_timer_sees_its_own_time_and_what_it_starts_is_done_before_the_next()
    {
        List<(string Who, double Seconds)> seen = [];
        async Task Chain(string who, params int[] delays)
        {
            foreach (var delay in delays)
            {
                await Task.Delay(TimeSpan.FromSeconds(delay), _clock, Cancellation);
                lock (seen)
                    seen.Add((who, _clock.Elapsed.TotalSeconds));
            }
        }

        var all = Task.WhenAll(Chain("a", 5, 1, 10), Chain("b", 7, 2), Chain("c", 300));
        await _clock.AdvanceAsync(TimeSpan.FromMinutes(10), Cancellation);

        Assert.True(all.IsCompletedSuccessfully);
        Assert.Equal([("a", 5), ("a", 6), ("b", 7), ("b", 9), ("a", 16), ("c", 300)], seen);
    }

    [Fact]
    public async Task Periods_repeat_and_stop_with_their_timer()
    {
        var ticks = 0;
        await using (_clock.CreateTimer(_ => Interlocked.Increment(ref ticks), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)))
            await _clock.AdvanceAsync(TimeSpan.FromSeconds(60), Cancellation);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(60), Cancellation);

        Assert.Equal(6, ticks);
    }

    [Fact]
    public async Task A_condition_stops_the_clock_when_it_holds_and_names_the_limit_when_it_does_not()
    {
        var wait = Task.Delay(TimeSpan.FromSeconds(300), _clock, Cancellation);
        using var renewals = new PeriodicTimer(TimeSpan.FromSeconds(7), _clock);
        Assert.Equal(TimeSpan.FromSeconds(300), await _clock.UntilAsync(() => wait.IsCompleted, TimeSpan.FromHours(1), Cancellation));

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => _clock.UntilAsync(() => false, TimeSpan.FromMinutes(5), Cancellation));

        Assert.Contains("00:05:00", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loop_that_waits_for_less_than_a_millisecond_ends()
    {
        async Task WaitAsync(DateTimeOffset until)
        {
            while (_clock.GetUtcNow() < until)
            {
                await Task.Delay(until - _clock.GetUtcNow(), _clock, Cancellation);
                await Task.Yield();
            }
        }

        await _clock.UntilAsync(WaitAsync(_clock.GetUtcNow() + TimeSpan.FromMilliseconds(25312.5)), TimeSpan.FromMinutes(1), Cancellation);

        Assert.InRange(_clock.Elapsed.TotalMilliseconds, 25312.5, 25314);
    }

    [Fact]
    public async Task Two_cannot_move_it_at_once()
    {
        using var hold = new ManualResetEventSlim();
        var first = _clock.UntilAsync(() => hold.IsSet, TimeSpan.FromDays(1000), Cancellation);
        using var forever = new PeriodicTimer(TimeSpan.FromSeconds(1), _clock);

        await Assert.ThrowsAsync<InvalidOperationException>(() => _clock.AdvanceAsync(TimeSpan.FromSeconds(1), Cancellation));

        hold.Set();
        await first;
    }

    /// <summary>
    /// Actors that wait and then talk to the API server over HTTP. Would the clock jump while one of them talks, that actor's next wait
    /// would begin, and end, too late. Threads that burn the processors beside it make work slow, and the jump likely.
    /// </summary>
    [Fact]
    public async Task The_clock_never_jumps_over_work_that_is_under_way()
    {
        const int Actors = 12;
        const int Steps = 15;
        await using var cluster = await SimulatedCluster.StartAsync(new SimulatedClusterOptions { TimeProvider = _clock }, Cancellation);
        using var http = new HttpClient { BaseAddress = cluster.ApiServerUrl };
        using var noise = new CancellationTokenSource();
        var burners = Enumerable.Range(0, 4).Select(_ => new Thread(() => Burn(noise.Token)) { IsBackground = true }).ToList();
        burners.ForEach(burner => burner.Start());
        async Task<List<string>> ActAsync(int actor)
        {
            List<string> wrong = [];
            var expected = TimeSpan.Zero;
            var random = new Random(actor);
            for (var step = 0; step < Steps; step++)
            {
                var delay = TimeSpan.FromSeconds(random.Next(1, 400));
                expected += delay;
                await Task.Delay(delay, _clock, Cancellation);
                using var answer = await http.PostAsJsonAsync(
                    "/api/v1/namespaces/default/configmaps", new { metadata = new { name = $"a-{actor}-{step}" } }, Cancellation);
                answer.EnsureSuccessStatusCode();
                await http.GetStringAsync(new Uri("/api/v1/namespaces/default/configmaps?limit=3", UriKind.Relative), Cancellation);
                if (_clock.Elapsed != expected)
                    wrong.Add($"actor {actor}, step {step}: {_clock.Elapsed}, not {expected}");
            }
            return wrong;
        }

        var results = await _clock.UntilAsync(Task.WhenAll(Enumerable.Range(0, Actors).Select(ActAsync)), TimeSpan.FromDays(1), Cancellation);
        await noise.CancelAsync();
        burners.ForEach(burner => burner.Join());

        Assert.Empty(results.SelectMany(wrong => wrong));
        Assert.All(
            cluster.Store.List(BuiltInResources.ConfigMaps, "default").Items.Where(map => map.Name.StartsWith("a-", StringComparison.Ordinal)),
            map => Assert.StartsWith("2026-01-01T", map.Metadata["creationTimestamp"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    private static void Burn(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
            Thread.SpinWait(1000);
    }
}
