using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.LeaderElection;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.LeaderElection;

public sealed class ElectionPropertyTests
{
    [Fact]
    public async Task Point34_WhateverGoesWrong_TwoNeverLeadAtOnce_AndInTheEndOneDoes()
    {
        // Away from the test's own context everything runs on the thread that moves the clock.
        var steps = Gen.Choose(0, int.MaxValue).ArrayOf(60).ToArbitrary();
        await Task.Run(
            () => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(steps, Holds)),
            TestContext.Current.CancellationToken);
    }

    private static bool Holds(int[] steps)
    {
        var clock = new TestClock();
        var world = new LeaseWorld();
        Candidate[] candidates = [new("a", world, clock), new("b", world, clock)];
        foreach (var step in steps)
        {
            Step(step, clock, world, candidates);
            foreach (var candidate in candidates) candidate.Tend(candidates);
        }

        foreach (var candidate in candidates) candidate.Line.Fault = LeaseFault.None;
        // Some ends happen on other threads, which the clock does not wait for.
        var spin = new SpinWait();
        for (var i = 0; i < 10_000 && candidates.Count(c => c.Leads) != 1; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(0.5));
            foreach (var candidate in candidates) candidate.Tend(candidates);
            spin.SpinOnce();
        }

        Assert.Equal(1, candidates.Count(c => c.Leads));
        foreach (var candidate in candidates)
        {
            candidate.Stop();
            candidate.Dispose();
        }

        return true;
    }

    private static void Step(int step, TestClock clock, LeaseWorld world, Candidate[] candidates)
    {
        var who = candidates[step % 2];
        var what = step / 2 % 16;
        var much = step / 32 % 100;
        switch (what)
        {
            case < 8:
                clock.Advance(TimeSpan.FromMilliseconds(50 + much * 60));
                break;
            case < 12:
                who.Line.Fault = (LeaseFault)(much % 9);
                break;
            case 12:
                who.Wall.Offset += TimeSpan.FromMinutes(much - 50);
                break;
            case 13:
                // Whoever never saw the lease cannot know that somebody leads by it: the one case that stays open.
                if (candidates.All(c => c.Line.HasLooked)) world.Delete();
                break;
            default:
                who.Stopping = TimeSpan.FromMilliseconds(much * 40);
                who.Stop();
                break;
        }
    }

    /// <summary>A process that runs an elector, and is started again when it ends.</summary>
    private sealed class Candidate(string identity, LeaseWorld world, TestClock clock) : IDisposable
    {
        private CancellationTokenSource _stop = new();
        private bool _stopped;
        private CancellationToken _work;
        private Task? _run;

        public LeaseLine Line { get; private set; } = new(world, clock);

        public WallClock Wall { get; } = new(clock);

        public bool Leads { get; private set; }

        /// <summary>How long its work takes to end; less than the 5 s between the renew deadline and the lease's end.</summary>
        public TimeSpan Stopping { get; set; }

        // Work that was cancelled because the lease is lost ends in time by contract; everything else must have ended.
        private bool MayWrite => Leads && (_stopped || !_work.IsCancellationRequested);

        public void Dispose() => _stop.Dispose();

        public void Stop()
        {
            _stopped = !_work.IsCancellationRequested;
            _stop.Cancel();
        }

        public void Tend(Candidate[] all)
        {
            // Nobody starts where a lease is missing that somebody else may hold: the open case again.
            if (_run is { IsCompleted: false } || (world.IsEmpty && all.Any(other => other != this && other._run is { IsCompleted: false }))) return;
            if (_run?.Exception?.InnerException is { } error and not LeadershipLostException) throw error;
            _stop.Dispose();
            _stop = new CancellationTokenSource();
            Line = new LeaseLine(world, clock) { Fault = Line.Fault };
            var options = new LeaseElectorOptions { Namespace = "default", Name = "property", Identity = identity };
            _run = new LeaseElector(Line, options, Wall, NullLoggerFactory.Instance).RunAsync(work => LeadAsync(all, work), _stop.Token);
        }

        private async Task LeadAsync(Candidate[] all, CancellationToken work)
        {
            if (all.Any(other => other != this && other.MayWrite)) throw new InvalidOperationException($"{identity} leads too");
            (_work, _stopped) = (work, false);
            Leads = true;
            try
            {
                await clock.InlineAsync(Timeout.InfiniteTimeSpan, work).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await clock.InlineAsync(Stopping, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                Leads = false;
            }
        }
    }

    /// <summary>A clock that can be set, over time that only goes on.</summary>
    private sealed class WallClock(TestClock clock) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Offset;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, dueTime, period);
    }
}
