using GpuStack.Operator.Supervision.Progress;

namespace GpuStack.Operator.Tests.Supervision.Progress;

public sealed class UnreadDetectorTests
{
    [Fact]
    public void UnreadBytes_AreStuck_AfterTheLimit() => Assert.Equal(10 + 120, StuckAt(t => (t < 11 ? 0 : 33, 5)));

    [Fact]
    public void MoreAndMoreUnread_IsStuckToo() => Assert.Equal(120, StuckAt(t => (33 * t, 5)));

    [Fact]
    public void NothingUnread_IsIdle() => Assert.Null(StuckAt(_ => (0, 5)));

    [Fact]
    public void AReaderThatIsSlow_IsNotStuck() => Assert.Null(StuckAt(t => (t % 100 == 0 ? 5000 : 6000, 5)));

    [Fact]
    public void AFullBuffer_IsNotStuck_WhileTheEngineComputes() => Assert.Null(StuckAt(t => (6000, t / 100)));

    private static int? StuckAt(Func<int, (long Unread, long Ticks)> look)
    {
        var detector = UnreadDetector.Starting(TimeSpan.FromSeconds(120));
        for (var t = 0; t < 1000; t++)
        {
            var (unread, ticks) = look(t);
            (detector, var reason) = detector.Observe(TimeSpan.FromSeconds(t), unread, ticks);
            if (reason is not null)
                return t;
        }
        return null;
    }
}
