using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.Queues;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Queues;

public sealed class RateLimitedQueueTests : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly RateLimitedQueue<string> _queue;

    public RateLimitedQueueTests() => _queue = new RateLimitedQueue<string>(_clock);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Add_Twice_IsWorkedOnOnce()
    {
        _queue.Add("a");
        _queue.Add("a");

        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task Add_WhileProcessing_ComesBackAtDone_AndNotBefore()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        _queue.Add("a");
        Assert.Equal(0, _queue.Count);

        _queue.Done("a");
        Assert.Equal(1, _queue.Count);
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task AddAfter_ComesAtItsTime()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(9.999));
        Assert.Equal(0, _queue.Count);

        _clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public void AddAfter_Several_TheEarliestCounts_Once()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(20));

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, _queue.Count);
        Assert.Equal(0, _queue.DelayedCount);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public async Task Add_DoesNotCancelADelayedOne()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.Add("a");
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task AddRateLimited_BacksOffFrom5msTo1000s_AndForgetResets()
    {
        var expected = TimeSpan.FromMilliseconds(5);
        for (var failure = 0; failure < 80; failure++)
        {
            _queue.AddRateLimited("a");
            Assert.Equal(expected, await _clock.TimerAsync(_ => true));
            _clock.Advance(expected);
            Assert.Equal("a", await TakeAsync());
            _queue.Done("a");
            expected = expected * 2 < TimeSpan.FromSeconds(1000) ? expected * 2 : TimeSpan.FromSeconds(1000);
        }

        Assert.Equal(80, _queue.Failures("a"));
        _queue.Forget("a");
        _queue.AddRateLimited("a");
        Assert.Equal(TimeSpan.FromMilliseconds(5), await _clock.TimerAsync(_ => true));
    }

    [Fact]
    public void AddRateLimited_OfManyItems_IsHeldToTheOverallRate()
    {
        for (var i = 0; i < 150; i++) _queue.AddRateLimited($"k{i}");

        _clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(100, _queue.Count);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(110, _queue.Count);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(150, _queue.Count);
    }

    [Fact]
    public async Task ShutDown_HandsOutWhatIsReady_ThenEnds()
    {
        _queue.Add("a");
        _queue.AddAfter("later", TimeSpan.FromSeconds(1));
        _queue.ShutDown();
        _queue.Add("b");
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("a", await TakeAsync());
        Assert.False((await _queue.TakeAsync(TestContext.Current.CancellationToken)).Taken);
    }

    [Fact]
    public async Task ShutDown_EndsAWaitingWorker()
    {
        var waiting = _queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();
        _queue.ShutDown();

        Assert.False((await waiting).Taken);
    }

    [Fact]
    public async Task Drain_WaitsForTheWorkInHand()
    {
        _queue.Add("a");
        _queue.Add("b");
        await TakeAsync();
        var drained = _queue.DrainAsync(TestContext.Current.CancellationToken);
        await TakeAsync();
        _queue.Done("b");
        Assert.False(drained.IsCompleted);

        _queue.Done("a");
        await drained;
    }

    [Fact]
    public void AnySequence_NeverLosesNorDoublesWork() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 11).ListOf().ToArbitrary(),
        steps =>
        {
            // The model: a set of keys that want work and a set of keys in hand; four keys, three operations each.
            using var queue = new RateLimitedQueue<int>(_clock);
            HashSet<int> wanted = [];
            HashSet<int> inHand = [];
            foreach (var step in steps)
            {
                var key = step % 4;
                switch (step / 4)
                {
                    case 0:
                        queue.Add(key);
                        wanted.Add(key);
                        break;
                    case 1 when wanted.Except(inHand).Any():
                        var take = queue.TakeAsync(CancellationToken.None);
                        if (!take.IsCompletedSuccessfully) return false;
                        var taken = take.Result.Key;
                        if (!wanted.Remove(taken) || !inHand.Add(taken)) return false;
                        break;
                    case 2:
                        queue.Done(key);
                        inHand.Remove(key);
                        break;
                }

                if (queue.Count != wanted.Except(inHand).Count()) return false;
            }

            return true;
        }));

    private async Task<string> TakeAsync()
    {
        var (taken, key) = await _queue.TakeAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(taken);
        return key;
    }
}
