using System.Collections.Immutable;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Groups;
using GpuStack.Operator.Supervision.Status;

namespace GpuStack.Operator.Tests.Supervision.Groups;

public sealed class GroupDecisionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Supervisor = Noon.AddHours(-1);
    private static readonly ImmutableArray<PeerEndpoint> Two = [new("a", 1), new("b", 1)];

    private static readonly PeerAnswer Idle = new() { State = "Waiting", Started = Supervisor };

    [Theory]
    [InlineData("qwen-0-w0-1.qwen-0", "qwen-0-w0-1.qwen-0", 50053)]
    [InlineData("a:7", "a", 7)]
    [InlineData("10.0.0.1", "10.0.0.1", 50053)]
    [InlineData("fd00::1", "fd00::1", 50053)]
    [InlineData("[fd00::1]", "fd00::1", 50053)]
    [InlineData("[fd00::1]:7", "fd00::1", 7)]
    public void APeer_IsAHostAndPerhapsAPort(string text, string host, int port) => Assert.Equal(new PeerEndpoint(host, port), PeerEndpoint.Parse("--follower", text, 50053));

    [Theory]
    [InlineData("")]
    [InlineData(":7")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:x")]
    [InlineData("a b")]
    [InlineData("http://a")]
    public void AnythingElse_IsRefusedInOneSentence(string text) =>
        Assert.StartsWith($"--follower: '{text}' is no pod", Assert.Throws<InputException>(() => PeerEndpoint.Parse("--follower", text, 50053)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Waiting", false, true)]
    [InlineData("Stalled", false, true)]
    [InlineData("", false, true)]
    [InlineData("AWordOfLater", false, true)]
    [InlineData("Waiting", true, false)]
    [InlineData("Stopping", false, false)]
    [InlineData("BackingOff", false, false)]
    [InlineData("Stuck", false, false)]
    [InlineData("Starting", false, false)]
    [InlineData("Running", false, false)]
    public void WhoIsIdle(string state, bool running, bool idle) => Assert.Equal(idle, new PeerAnswer { State = state, Running = running }.Idle);

    [Fact]
    public void AStatusOfAnotherVersion_IsReadAsFarAsItGoes()
    {
        var answer = PeerAnswer.Of(new StatusAnswer(null, new StatusDocument { Engine = null!, State = null!, Message = null!, Epoch = "soon", Started = null }));
        Assert.Equal(new PeerAnswer(), answer);
        Assert.True(answer.Idle);
    }

    [Fact]
    public void TheRoll_NamesWhoIsMissing_Why_AndSinceWhen()
    {
        var roll = FollowersRoll.Of(Two).Observe(Noon, [PeerAnswer.None("its name does not resolve yet"), Idle with { Running = true, State = "Running" }]);
        roll = roll.Observe(Noon.AddSeconds(9), [PeerAnswer.None("its supervisor does not listen"), Idle with { State = "Stopping" }]);
        Assert.Equal("waiting for 2 of 2 followers: a since 12:00:00Z (its supervisor does not listen), b since 12:00:00Z (it is being stopped)", roll.Message);
        roll = roll.Observe(Noon.AddSeconds(10), [Idle, Idle with { Running = true, State = "Running" }]);
        Assert.Equal("waiting for 1 of 2 followers: b since 12:00:00Z (its former engine still runs)", roll.Message);
        Assert.True(roll.Observe(Noon.AddSeconds(11), [Idle, Idle]).Complete);
    }

    [Fact]
    public void AFollower_JoinsOnce_AndWhatFollowsIsFinal()
    {
        var watch = Watch();
        Assert.Null(Lost(ref watch, 1, Idle, Idle));
        Assert.Null(Lost(ref watch, 2, Joined(Noon.AddSeconds(1)), Idle));
        Assert.False(watch.Whole);
        Assert.Null(Lost(ref watch, 3, Joined(Noon.AddSeconds(1)), Joined(Noon.AddSeconds(2))));
        Assert.True(watch.Whole);
        var before = watch;
        Assert.Equal("follower b restarted its engine at 12:00:09.000Z", Lost(ref watch, 4, Joined(Noon.AddSeconds(1)), Joined(Noon.AddSeconds(9))));
        watch = before;
        Assert.Equal("follower a lost its engine: the engine exited with 1", Lost(ref watch, 4, Idle with { Epoch = Noon, LastEnd = "the engine exited with 1" }, Joined(Noon.AddSeconds(2))));
        watch = before;
        Assert.Equal(
            "follower b has another supervisor: its container or pod started anew",
            Lost(ref watch, 4, Joined(Noon.AddSeconds(1)), Joined(Noon.AddSeconds(2)) with { Started = Noon }));
        // A supervisor that does not say when it started is not another one.
        watch = before;
        Assert.Null(Lost(ref watch, 4, Joined(Noon.AddSeconds(1)), Joined(Noon.AddSeconds(2)) with { Started = null }));
    }

    [Fact]
    public void AFollowerThatEndedBeforeAnybodyLooked_IsLost()
    {
        var watch = Watch();
        Assert.Equal("follower a lost its engine: the engine exited with 1", Lost(ref watch, 1, Idle with { Epoch = Noon, LastEnd = "the engine exited with 1" }, Idle));
    }

    [Fact]
    public void AFollowerThatDoesNotJoin_HasItsTime()
    {
        var watch = Watch();
        var waits = Idle with { Message = "waiting for coordinator c since 12:00:00Z (its name does not resolve yet)" };
        Assert.Null(Lost(ref watch, 59.9, Joined(Noon.AddSeconds(1)), waits));
        Assert.Equal(
            "follower b did not start its engine within 60 s: waiting for coordinator c since 12:00:00Z (its name does not resolve yet)",
            Lost(ref watch, 60, Joined(Noon.AddSeconds(1)), waits));
    }

    [Fact]
    public void SilenceAndAnotherEpoch_HaveAGrace()
    {
        var watch = Watch();
        var other = Joined(Noon) with { Epoch = Noon.AddMinutes(-5) };
        Assert.Null(Lost(ref watch, 1, PeerAnswer.None("x"), other));
        Assert.Null(Lost(ref watch, 10.9, PeerAnswer.None("x"), other));
        var both = watch;
        Assert.Equal("follower a is away for 10 s: x", Lost(ref watch, 11, PeerAnswer.None("x"), other));
        watch = both;
        Assert.Equal("follower b runs an engine of another epoch for 10 s", Lost(ref watch, 11, Idle, other));
        // Its next engine is the right one.
        watch = both;
        Assert.Null(Lost(ref watch, 11, Idle, Idle with { Epoch = Noon.AddMinutes(-5) }));
        Assert.Null(Lost(ref watch, 12, Joined(Noon.AddSeconds(9)), Joined(Noon.AddSeconds(9))));
        Assert.True(watch.Whole);
    }

    [Fact]
    public void AFollower_StartsForAnEpochOnce()
    {
        var wait = new CoordinatorWait(new PeerEndpoint("c", 1), Served: Noon);
        wait = wait.Observe(Noon.AddSeconds(5), PeerAnswer.None("its name does not resolve yet"));
        Assert.Equal((null, "waiting for coordinator c since 12:00:05Z (its name does not resolve yet)"), (wait.Epoch, wait.Message));
        wait = wait.Observe(Noon.AddSeconds(6), new PeerAnswer { State = "Stalled", Message = "waiting for 1 of 2 followers" });
        Assert.Equal((null, true, "waiting for coordinator c since 12:00:05Z (Stalled: waiting for 1 of 2 followers)"), (wait.Epoch, wait.CoordinatorStalled, wait.Message));
        wait = wait.Observe(Noon.AddSeconds(7), new PeerAnswer { State = "Running", Running = true, StartTime = Noon });
        Assert.Equal((null, false), (wait.Epoch, wait.CoordinatorStalled));
        Assert.Contains("its engine of 12:00:00.000Z, for which one ran here already", wait.Message, StringComparison.Ordinal);
        Assert.Null(wait.Observe(Noon, new PeerAnswer { State = "Stopping", Running = true, StartTime = Noon.AddSeconds(8) }).Epoch);
        Assert.Equal(Noon.AddSeconds(8), wait.Observe(Noon, new PeerAnswer { State = "AWordOfLater", Running = true, StartTime = Noon.AddSeconds(8) }).Epoch);
    }

    [Fact]
    public void AFollowersEngine_EndsWithTheCoordinators()
    {
        var watch = new CoordinatorWatch(new PeerEndpoint("c", 1), Noon, TimeSpan.FromSeconds(10));
        var running = new PeerAnswer { Running = true, StartTime = Noon };
        Assert.Null(watch.Observe(TimeSpan.Zero, running).Lost);
        Assert.Equal("coordinator c lost its engine: it is stuck", watch.Observe(TimeSpan.Zero, new PeerAnswer { LastEnd = "it is stuck" }).Lost);
        Assert.Equal("coordinator c restarted its engine at 12:00:01.000Z", watch.Observe(TimeSpan.Zero, running with { StartTime = Noon.AddSeconds(1) }).Lost);
        (watch, var lost) = watch.Observe(TimeSpan.FromSeconds(1), PeerAnswer.None("x"));
        Assert.Null(lost);
        Assert.Equal("coordinator c is away for 10 s: x", watch.Observe(TimeSpan.FromSeconds(11), PeerAnswer.None("x")).Lost);
        (watch, _) = watch.Observe(TimeSpan.FromSeconds(10), running);
        (watch, _) = watch.Observe(TimeSpan.FromSeconds(11), PeerAnswer.None("x"));
        Assert.Null(watch.Observe(TimeSpan.FromSeconds(20), PeerAnswer.None("x")).Lost);
    }

    private static PeerAnswer Joined(DateTimeOffset start) => new() { Running = true, State = nameof(SupervisorState.Running), StartTime = start, Epoch = Noon, Started = Supervisor };

    private static FollowersWatch Watch() => FollowersWatch.Of(Two, [Supervisor, Supervisor], Noon, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));

    private static string? Lost(ref FollowersWatch watch, double seconds, PeerAnswer a, PeerAnswer b)
    {
        (watch, var lost) = watch.Observe(TimeSpan.FromSeconds(seconds), [a, b]);
        return lost;
    }
}
