using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Controllers.Engines;

namespace GpuStack.Operator.Tests.Controllers;

public class ReportScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pod_that_is_not_ready_is_asked_ever_more_rarely_and_one_that_is_ready_once()
    {
        var schedule = new ReportSchedule();
        Assert.True(schedule.Seen("a", ready: false, Start));
        Assert.False(schedule.Seen("a", ready: false, Start));
        var asked = new List<double>();
        for (var second = 0; second <= 120; second++)
        {
            if (schedule.Take(Start.AddSeconds(second), 10).Count > 0)
                asked.Add(second);
        }
        Assert.Equal([2, 7, 15, 27, 45, 72, 102], asked);

        Assert.True(schedule.Seen("a", ready: true, Start.AddSeconds(130)));
        Assert.Equal(["a"], schedule.Take(Start.AddSeconds(130), 10));
        Assert.Null(schedule.Next);
    }

    [Fact]
    public void Those_that_wait_longest_come_first_and_not_too_many_at_once()
    {
        var schedule = new ReportSchedule();
        schedule.Seen("late", ready: false, Start.AddSeconds(1));
        schedule.Seen("early", ready: false, Start);

        Assert.Equal(["early"], schedule.Take(Start.AddSeconds(10), 1));
        Assert.Equal(["late"], schedule.Take(Start.AddSeconds(10), 1));
    }

    /// <summary>Whatever pods do, nobody is asked who is gone, and whoever is not Ready is asked again within half a minute.</summary>
    [Fact]
    public void Nobody_is_forgotten_and_nobody_who_is_gone_is_asked()
    {
        var steps = Gen.Choose(0, 4).Zip(Gen.Choose(0, 3)).Zip(Gen.Choose(0, 9)).ListOf(60).ToArbitrary();
        Prop.ForAll(steps, list =>
        {
            var schedule = new ReportSchedule();
            var pods = new Dictionary<string, bool>(StringComparer.Ordinal);
            var now = Start;
            foreach (var ((pod, action), seconds) in list)
            {
                now = now.AddSeconds(seconds);
                var name = $"p{pod}";
                if (action == 0)
                {
                    schedule.Gone(name);
                    pods.Remove(name);
                }
                else
                {
                    schedule.Seen(name, action == 1, now);
                    pods[name] = action == 1;
                }
                Assert.All(schedule.Take(now, 2), taken => Assert.Contains(taken, pods.Keys));
            }
            var asked = new HashSet<string>(StringComparer.Ordinal);
            for (var second = 0; second <= 31; second++)
                asked.UnionWith(schedule.Take(now.AddSeconds(second), 10));
            Assert.Subset(asked, pods.Where(pod => !pod.Value).Select(pod => pod.Key).ToHashSet(StringComparer.Ordinal));
            Assert.Subset(pods.Keys.ToHashSet(StringComparer.Ordinal), asked);
        }).QuickCheckThrowOnFailure();
    }
}
