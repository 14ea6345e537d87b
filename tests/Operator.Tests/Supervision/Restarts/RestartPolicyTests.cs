using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Supervision.Restarts;

namespace GpuStack.Operator.Tests.Supervision.Restarts;

public sealed class RestartPolicyTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void TheWaitDoubles_AndTheSixthFailureWithinAnHour_Stalls()
    {
        Assert.Equal(
            [1, 2, 4, 8, 16, 600, 600, 600],
            Delays(Enumerable.Range(0, 8).Select(i => (Minute * (2 * i), TimeSpan.Zero))));
    }

    [Fact]
    public void TheWaitEndsAtAMinute_WhenFailuresAreTooRareToStall()
    {
        // One in 13 minutes: never six within an hour, and never healthy for ten minutes.
        Assert.Equal(
            [1, 2, 4, 8, 16, 32, 60, 60, 60],
            Delays(Enumerable.Range(0, 9).Select(i => (Minute * (13 * i), TimeSpan.FromMinutes(9)))));
    }

    [Fact]
    public void TenHealthyMinutes_BeginAgainAtOneSecond()
    {
        Assert.Equal([1, 2, 4, 1, 2], Delays([(Minute, default), (2 * Minute, default), (3 * Minute, default), (14 * Minute, 10 * Minute), (15 * Minute, default)]));
    }

    [Fact]
    public void Stalled_StaysStalled_WhenTriesFailSlowly_AndEndsAfterTenHealthyMinutes()
    {
        var state = RestartState.Initial;
        var now = TimeSpan.Zero;
        for (var i = 0; i < 6; i++, now += Minute)
            (state, _) = RestartPolicy.Failed(state, now, TimeSpan.Zero);
        Assert.True(state.Stalled);
        for (var i = 0; i < 10; i++)
        {
            // Tries that take five minutes each: four an hour.
            now += RestartPolicy.StalledDelay + (5 * Minute);
            (state, var delay) = RestartPolicy.Failed(state, now, TimeSpan.Zero);
            Assert.True(state.Stalled);
            Assert.Equal(RestartPolicy.StalledDelay, delay);
        }
        now += RestartPolicy.StalledDelay + (30 * Minute);
        (state, var last) = RestartPolicy.Failed(state, now, 25 * Minute);
        Assert.False(state.Stalled);
        Assert.Equal(RestartPolicy.FirstDelay, last);
    }

    /// <summary>Whatever happens: the wait is within its limits, little is remembered, and no hour sees more than five starts before it stalls.</summary>
    [Fact]
    public void AnyFailures_KeepTheBounds()
    {
        var steps = ArbMap.Default.GeneratorFor<PositiveInt>().ListOf().ToArbitrary();
        Prop.ForAll(steps, gaps =>
        {
            var state = RestartState.Initial;
            var now = TimeSpan.Zero;
            var failures = new List<TimeSpan>();
            foreach (var gap in gaps)
            {
                now += TimeSpan.FromSeconds(gap.Get * 20 % 4000);
                failures.Add(now);
                (state, var delay) = RestartPolicy.Failed(state, now, TimeSpan.FromSeconds(gap.Get * 20 % 4000) / 2);
                Assert.InRange(delay, RestartPolicy.FirstDelay, RestartPolicy.StalledDelay);
                Assert.True(state.Failures.Length <= RestartPolicy.FailuresPerWindow + 1);
                if (failures.Count(then => now - then < RestartPolicy.Window) > RestartPolicy.FailuresPerWindow)
                    Assert.Equal(RestartPolicy.StalledDelay, delay);
                else if (!state.Stalled)
                    Assert.InRange(delay, RestartPolicy.FirstDelay, RestartPolicy.LongestDelay);
                now += delay;
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static List<double> Delays(IEnumerable<(TimeSpan At, TimeSpan HealthyFor)> failures)
    {
        var state = RestartState.Initial;
        var delays = new List<double>();
        foreach (var (at, healthyFor) in failures)
        {
            (state, var delay) = RestartPolicy.Failed(state, at, healthyFor);
            delays.Add(delay.TotalSeconds);
        }
        return delays;
    }
}
