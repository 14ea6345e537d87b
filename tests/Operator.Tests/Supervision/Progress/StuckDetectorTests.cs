using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Progress;

namespace GpuStack.Operator.Tests.Supervision.Progress;

public sealed class StuckDetectorTests
{
    private static readonly EngineSample Idle = EngineSample.Of(0, 7);

    [Fact]
    public void RequestsWithoutDecodes_AreStuck_AfterTheLimit_AndNotBefore()
    {
        Assert.Equal(130, StuckAt(t => t < 10 ? Idle : EngineSample.Of(2, 7), 200));
    }

    [Fact]
    public void AnIdleEngine_IsNeverStuck() => Assert.Null(StuckAt(_ => Idle, 10_000));

    [Fact]
    public void OneDecodeWithinTheLimit_IsProgress() => Assert.Null(StuckAt(t => EngineSample.Of(1, t / 119), 10_000));

    [Fact]
    public void ALongIdleTime_DoesNotCountAgainstTheFirstRequest()
    {
        Assert.Equal(5000 + 120, StuckAt(t => t < 5000 ? Idle : EngineSample.Of(1, 7), 10_000));
    }

    [Fact]
    public void UnansweredMetrics_AreStuck_WhetherOrNotRequestsWereProcessed()
    {
        Assert.Equal(29 + 120, StuckAt(t => t < 30 ? Idle : EngineSample.Unanswered, 1000));
        Assert.Equal(120, StuckAt(_ => EngineSample.Unanswered, 1000));
    }

    [Fact]
    public void AnAnswerNowAndThen_DoesNotHideTheStandstill()
    {
        Assert.Equal(120, StuckAt(t => t % 2 == 0 ? EngineSample.Of(1, 7) : EngineSample.Unanswered, 1000));
    }

    [Fact]
    public void AnswersWithoutFigures_AreNotStuck() => Assert.Null(StuckAt(_ => EngineSample.Unreadable, 10_000));

    [Fact]
    public void TheLimit_IsTheLargerOfTwoMinutesAndFiveBatches()
    {
        Assert.Equal(TimeSpan.FromSeconds(120), SupervisorOptions.DefaultStuckAfter(TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(120), SupervisorOptions.DefaultStuckAfter(TimeSpan.FromSeconds(24)));
        Assert.Equal(TimeSpan.FromSeconds(150), SupervisorOptions.DefaultStuckAfter(TimeSpan.FromSeconds(30)));
    }

    /// <summary>Against the definition: stuck at the first moment at which no sample of the last 120 s showed idleness, progress or an unreadable answer.</summary>
    [Fact]
    public void AnySamples_AreJudgedAsTheDefinitionSays()
    {
        var sample = Gen.Frequency(
            (6, Gen.Choose(0, 1).SelectMany(_ => Gen.Constant(EngineSample.Of(1, 3)))),
            (1, Gen.Choose(0, 5).Select(n => EngineSample.Of(1, n))),
            (1, Gen.Constant(EngineSample.Unanswered)),
            (1, Gen.Constant(Idle)));
        Prop.ForAll(sample.ListOf().ToArbitrary(), samples =>
        {
            var detector = StuckDetector.Starting(TimeSpan.FromSeconds(120), TimeSpan.Zero);
            var lastProgress = TimeSpan.Zero;
            EngineSample? last = null;
            for (var i = 0; i < samples.Count; i++)
            {
                var now = TimeSpan.FromSeconds(30 * i);
                (detector, var reason) = detector.Observe(now, samples[i]);
                if (samples[i].Kind == EngineSampleKind.Values)
                {
                    if (samples[i].Processing == 0 || last is null || last.Processing == 0 || last.Progress != samples[i].Progress)
                        lastProgress = now;
                    last = samples[i];
                }
                Assert.Equal(now - lastProgress >= TimeSpan.FromSeconds(120), reason is not null);
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static int? StuckAt(Func<int, EngineSample> sample, int seconds)
    {
        var detector = StuckDetector.Starting(TimeSpan.FromSeconds(120), TimeSpan.Zero);
        for (var t = 0; t < seconds; t++)
        {
            (detector, var reason) = detector.Observe(TimeSpan.FromSeconds(t), sample(t));
            if (reason is not null)
                return t;
        }
        return null;
    }
}
