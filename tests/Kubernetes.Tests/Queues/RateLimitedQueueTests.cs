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
    public async Task Point16_AKeyAddedTwice_IsWorkedOnOnce()
    {
        _queue.Add("a");
        _queue.Add("a");
        Assert.Equal(1, _queue.Count);

        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        Assert.Equal(0, _queue.Count);
        Assert.False(_queue.TakeAsync(TestContext.Current.CancellationToken).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Point17_AKeyAddedWhileProcessing_ComesBackAtDone_AndNotBefore()
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
    public async Task ADelayedKey_ComesAtItsTime()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(9.999));
        Assert.Equal(0, _queue.Count);

        _clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public void Point19_OfSeveralDelays_TheEarliestCounts_Once()
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
    public async Task Point19_AnAddForNow_LeavesTheDelayedOneInPlace()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.Add("a");
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Point20_AKeysBackOff_GoesFrom5msTo1000s_WithoutOverflow_AndForgetResetsIt()
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
    public void Point20_RetriesOfManyKeys_AreHeldToTheOverallRate()
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
    public async Task Point18_AShutDownQueue_HandsOutWhatIsReady_ThenEnds()
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
    public async Task Point18_AShutDown_EndsEveryWaitingWorker()
    {
        var waiting = Enumerable.Range(0, 3).Select(_ => _queue.TakeAsync(TestContext.Current.CancellationToken).AsTask()).ToList();
        _queue.ShutDown();

        Assert.All(await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), take => Assert.False(take.Taken));
    }

    [Fact]
    public async Task Point18_ADrain_WaitsForTheWorkInHand()
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
    public async Task Point18_WhatWasAskedForDuringWork_IsStillDoneByADrain()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        var drained = _queue.DrainAsync(TestContext.Current.CancellationToken);
        _queue.Done("a");
        Assert.False(drained.IsCompleted);

        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        await drained;
        Assert.False((await _queue.TakeAsync(TestContext.Current.CancellationToken)).Taken);
    }

    [Fact]
    public async Task Point19_ADelayBeyondWhatTimersAndTimestampsCanDo_IsJustLong()
    {
        // A system timer cannot be set to more than 49 days.
        using var system = new RateLimitedQueue<string>(TimeProvider.System);
        system.AddAfter("a", TimeSpan.FromDays(60));
        system.AddAfter("b", TimeSpan.MaxValue);
        Assert.Equal(2, system.DelayedCount);

        _queue.AddAfter("a", TimeSpan.FromDays(60));
        _queue.AddAfter("b", TimeSpan.MaxValue);
        _clock.Advance(TimeSpan.FromDays(60) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, _queue.Count);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", await TakeAsync());
        Assert.Equal(1, _queue.DelayedCount);
    }

    [Fact]
    public void Point20_WhatIsKept_IsBoundedByTheKeys()
    {
        var delayed = new DelayedKeys<int>();
        for (var i = 0; i < 10_000; i++) delayed.Put(i % 10, 100_000 - i, 0);
        Assert.Equal(10, delayed.Count);
        Assert.InRange(delayed.HeapCount, 10, 2 * 10 + 64);

        for (var i = 0; i < 1000; i++) _queue.AddRateLimited($"k{i % 10}");
        Assert.Equal(10, _queue.FailedCount);
        for (var i = 0; i < 10; i++) _queue.Forget($"k{i}");
        Assert.Equal(0, _queue.FailedCount);
    }

    [Theory]
    [InlineData(0, 1, 1.0, 1, "BaseDelay")]
    [InlineData(2, 1, 1.0, 1, "MaxDelay")]
    [InlineData(1, 1, 0.0, 1, "Rate")]
    [InlineData(1, 1, double.NaN, 1, "Rate")]
    [InlineData(1, 1, double.PositiveInfinity, 1, "Rate")]
    [InlineData(1, 1, 1.0, 0, "Burst")]
    public void OptionsThatMakeNoSense_AreRefused(int baseSeconds, int maxSeconds, double rate, int burst, string named)
    {
        var options = new RateLimitedQueueOptions
        {
            BaseDelay = TimeSpan.FromSeconds(baseSeconds),
            MaxDelay = TimeSpan.FromSeconds(maxSeconds),
            Rate = rate,
            Burst = burst,
        };

        var error = Assert.Throws<ArgumentException>(() => new RateLimitedQueue<string>(_clock, options));
        Assert.StartsWith(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Point21_TheHigherPriorityGoesFirst_ThenFirstComeFirstServed()
    {
        _queue.Add("low 1", QueuePriority.Low);
        _queue.Add("change 1");
        _queue.Add("low 2", QueuePriority.Low);
        _queue.Add("urgent", 7);
        _queue.Add("change 2");

        Assert.Equal(["urgent", "change 1", "change 2", "low 1", "low 2"], await TakeManyAsync(5));
    }

    [Fact]
    public async Task Point21_AHigherWish_MovesAKeyUp_AndALowerOneDoesNotMoveItDown()
    {
        _queue.Add("a", QueuePriority.Low);
        _queue.Add("b", QueuePriority.Low);
        _queue.Add("c");
        _queue.Add("b");
        _queue.Add("c", QueuePriority.Low);

        Assert.Equal(["c", "b", "a"], await TakeManyAsync(3));
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task Point21_OfWishesDuringWork_TheHighestHolds()
    {
        _queue.Add("a", QueuePriority.Low);
        await TakeAsync();
        _queue.Add("a", QueuePriority.Low);
        _queue.Add("a", 3);
        _queue.Add("a", QueuePriority.Low);
        _queue.Add("b", 2);
        _queue.Done("a");

        Assert.Equal((true, "a", 3), await _queue.TakeAsync(TestContext.Current.CancellationToken));
        Assert.Equal((true, "b", 2), await _queue.TakeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Point21_DelayedKeysAndRetries_KeepTheirPriority_AndTheHighestWishHolds()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(1), QueuePriority.Low);
        _queue.AddAfter("b", TimeSpan.FromSeconds(1), QueuePriority.Low);
        _queue.AddAfter("b", TimeSpan.FromSeconds(2), 1);
        _queue.AddRateLimited("c", -7);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((true, "b", 1), await _queue.TakeAsync(TestContext.Current.CancellationToken));
        Assert.Equal((true, "c", -7), await _queue.TakeAsync(TestContext.Current.CancellationToken));
        Assert.Equal((true, "a", QueuePriority.Low), await _queue.TakeAsync(TestContext.Current.CancellationToken));
    }

    private async Task<string> TakeAsync()
    {
        var (taken, key, _) = await _queue.TakeAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(taken);
        return key;
    }

    private async Task<List<string>> TakeManyAsync(int count)
    {
        var keys = new List<string>();
        while (keys.Count < count) keys.Add(await TakeAsync());
        return keys;
    }
}
