using System.Net;
using System.Net.Sockets;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Restarts;
using GpuStack.Operator.Tests.Supervision.Servers;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Operator.Tests.Supervision.Groups;

/// <summary>Groups of real supervisors around scripts, each pod on a loopback address of its own.</summary>
public sealed class GroupTests : IAsyncLifetime
{
    private FakeLlamaServer _api = null!;

    public async ValueTask InitializeAsync() => _api = await FakeLlamaServer.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task TheCoordinator_WaitsForAll_NamesWhoIsMissing_AndAllStartWithOneEpoch()
    {
        await using var group = await LeaderAndMembersAsync();
        var (first, second) = (group.Followers.First(), group.Followers.Last());
        await group.StartAsync(group.Coordinator);
        var snapshot = await group.Coordinator.Run.UntilAsync(s => s.Message.StartsWith("waiting for 2 of 2 followers: ", StringComparison.Ordinal));
        Assert.Contains($"{first.Endpoint} since ", snapshot.Message, StringComparison.Ordinal);
        Assert.Contains("(its supervisor does not listen)", snapshot.Message, StringComparison.Ordinal);
        Assert.Equal(SupervisorState.Waiting, snapshot.State);
        await group.StartAsync(first);
        snapshot = await first.Run.UntilAsync(s => s.Message.Contains("(Waiting: waiting for", StringComparison.Ordinal));
        Assert.StartsWith($"waiting for coordinator {group.Coordinator.Endpoint} since ", snapshot.Message, StringComparison.Ordinal);
        await group.Coordinator.Run.UntilAsync(s => s.Message.StartsWith($"waiting for 1 of 2 followers: {second.Endpoint} since", StringComparison.Ordinal));
        Assert.Null(group.Coordinator.Current.Engine);
        await group.StartAsync(second);
        await group.ReadyAsync();
        Assert.All([group.Coordinator, first, second], pod => Assert.Equal(0, pod.Current.Restarts));
    }

    [Fact]
    public async Task ADeadlineThatPasses_IsStalledForBoth_AndTheGroupStartsAllTheSame()
    {
        await using var group = await LeaderAndMembersAsync();
        group.Settings = options => options with { PeersTimeout = TimeSpan.FromMilliseconds(50) };
        var (first, second) = (group.Followers.First(), group.Followers.Last());
        await group.StartAsync(first);
        var snapshot = await first.Run.UntilAsync(SupervisorState.Stalled);
        Assert.StartsWith($"after 0.05 s still waiting for coordinator {group.Coordinator.Endpoint} since ", snapshot.Message, StringComparison.Ordinal);
        await group.StartAsync(group.Coordinator);
        snapshot = await group.Coordinator.Run.UntilAsync(SupervisorState.Stalled);
        Assert.StartsWith($"after 0.05 s still waiting for 1 of 2 followers: {second.Endpoint} since ", snapshot.Message, StringComparison.Ordinal);
        await first.Run.UntilAsync(s => s.State == SupervisorState.Stalled && s.Message.Contains("(Stalled: after 0.05 s still", StringComparison.Ordinal));
        await group.StartAsync(second);
        await group.ReadyAsync();
    }

    [Fact]
    public async Task AMemberThatDies_RestartsAll_AndIsAFailureOfTheCoordinator()
    {
        await using var group = await LeaderAndMembersAsync();
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        var member = group.Followers.Last();
        member.Signal(PosixProcess.SigKill);
        var snapshot = await group.Coordinator.Run.UntilAsync(SupervisorState.BackingOff);
        Assert.Equal($"follower {member.Endpoint} lost its engine: the engine ended by signal 9; again in 1 s", snapshot.Message);
        // Without a back-off of its own, so that the coordinator's barrier finds it idle.
        await member.Run.UntilAsync(SupervisorState.Waiting);
        await group.ReadyAsync(epoch);
        Assert.DoesNotContain("Z the engine ended by signal 9; again in", member.Run.Log, StringComparison.Ordinal);
        Assert.All([group.Coordinator, .. group.Followers], pod => Assert.Equal(1, pod.Current.Restarts));
        Assert.Equal($"coordinator {group.Coordinator.Endpoint} lost its engine: follower {member.Endpoint} lost its engine: the engine ended by signal 9", group.Followers.First().Current.LastExit!.Reason);
    }

    [Fact]
    public async Task ACoordinatorThatDies_RestartsAll()
    {
        await using var group = await LeaderAndMembersAsync();
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        group.Coordinator.Signal(PosixProcess.SigKill);
        await group.ReadyAsync(epoch);
        Assert.All([group.Coordinator, .. group.Followers], pod => Assert.Equal(1, pod.Current.Restarts));
        Assert.All(group.Followers, pod => Assert.StartsWith($"coordinator {group.Coordinator.Endpoint} ", pod.Current.LastExit!.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AFrozenMember_IsFoundByTheLeadersStandstill_AndKilled()
    {
        await using var group = await LeaderAndMembersAsync();
        group.Settings = options => options with { StuckAfter = TimeSpan.FromMilliseconds(300) };
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        var member = group.Followers.First();
        member.Signal(Stop);
        _api.Processing = 1;
        var snapshot = await group.Coordinator.Run.UntilAsync(s => s.LastExit is not null);
        Assert.StartsWith("it is stuck: it processes 1 requests", snapshot.LastExit!.Reason, StringComparison.Ordinal);
        _api.Processing = 0;
        await group.ReadyAsync(epoch);
        Assert.Equal(9, member.Current.LastExit!.Exit.Signal);
    }

    [Fact]
    public async Task ARayHeadThatDies_RestartsTheLeaderAndTheMembers()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        await using var group = new TestGroup(
            null,
            await GroupPod.CreateAsync(SupervisorRole.Head, TestGroup.Sleeps, "127.0.0.21", ((IPEndPoint)port.LocalEndpoint).Port),
            await GroupPod.CreateAsync(SupervisorRole.Leader, TestGroup.Sleeps, "127.0.0.22", _api.Port),
            await GroupPod.CreateAsync(SupervisorRole.Member, TestGroup.Sleeps, "127.0.0.23"));
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        group.Coordinator.Signal(PosixProcess.SigKill);
        await group.ReadyAsync(epoch);
        Assert.All(group.Followers, pod => Assert.Equal(1, pod.Current.Restarts));
        port.Stop();
        var snapshot = await group.Coordinator.Run.UntilAsync(s => !s.Ready);
        Assert.Contains("does not listen on port", snapshot.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFollowerThatStaysSilentBeyondItsGrace_EndsTheGroup_WhichWaitsForIt()
    {
        await using var group = await LeaderAndMembersAsync();
        group.Settings = options => options with { PeerGrace = TimeSpan.FromMilliseconds(100), JoinTimeout = TimeSpan.FromSeconds(20) };
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        var member = group.Followers.Last();
        await member.SilenceAsync();
        var snapshot = await group.Coordinator.Run.UntilAsync(s => s.LastExit is not null);
        Assert.Equal($"follower {member.Endpoint} is away for 0.1 s: its supervisor does not listen", snapshot.LastExit!.Reason);
        await group.Coordinator.Run.UntilAsync(s => s.Message.StartsWith("waiting for 1 of 2", StringComparison.Ordinal));
        // It heard of the end, although nobody hears it.
        await member.Run.UntilAsync(s => s.Engine is null);
        await member.HearAsync();
        await group.ReadyAsync(epoch);
    }

    [Fact]
    public async Task ACoordinatorThatStaysSilentBeyondItsGrace_EndsTheFollowers()
    {
        await using var group = await LeaderAndMembersAsync();
        group.Settings = options => options with { PeerGrace = TimeSpan.FromMilliseconds(100) };
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        await group.Coordinator.SilenceAsync();
        foreach (var follower in group.Followers)
        {
            var snapshot = await follower.Run.UntilAsync(s => s.LastExit is not null);
            Assert.Equal($"coordinator {group.Coordinator.Endpoint} is away for 0.1 s: its supervisor does not listen", snapshot.LastExit!.Reason);
        }
        await group.Coordinator.HearAsync();
        await group.ReadyAsync(epoch);
    }

    [Fact]
    public async Task AFollowersNewContainer_RestartsAll()
    {
        await using var group = await LeaderAndMembersAsync();
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        var member = group.Followers.First();
        await member.KillAsync();
        await group.StartAsync(member);
        await group.ReadyAsync(epoch);
        Assert.Equal($"follower {member.Endpoint} has another supervisor: its container or pod started anew", group.Coordinator.Current.LastExit!.Reason);
    }

    [Fact]
    public async Task ACoordinatorsNewContainer_RestartsAll()
    {
        await using var group = await LeaderAndMembersAsync();
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        await group.Coordinator.KillAsync();
        await group.StartAsync(group.Coordinator);
        await group.ReadyAsync(epoch);
    }

    [Fact]
    public async Task AFollowerThatDoesNotJoin_EndsTheCoordinatorsEngine()
    {
        await using var group = await LeaderAndMembersAsync();
        group.Settings = options => options with { JoinTimeout = TimeSpan.FromMilliseconds(100), PollInterval = options.Coordinator is null ? options.PollInterval : TimeSpan.FromHours(1) };
        foreach (var follower in group.Followers)
        {
            await group.StartAsync(follower);
            await follower.Run.UntilAsync(s => s.Message.StartsWith("waiting", StringComparison.Ordinal));
        }
        await group.StartAsync(group.Coordinator);
        var snapshot = await group.Coordinator.Run.UntilAsync(SupervisorState.BackingOff);
        Assert.StartsWith($"follower {group.Followers.First().Endpoint} did not start its engine within 0.1 s: waiting for coordinator", snapshot.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMemberThatFailsAgainAndAgain_IsBackedOffByTheCoordinator_AndAllAreStalled()
    {
        var time = new FakeTimeProvider();
        await using var group = new TestGroup(
            time,
            await GroupPod.CreateAsync(SupervisorRole.Leader, TestGroup.Sleeps, "127.0.0.31", _api.Port),
            await GroupPod.CreateAsync(SupervisorRole.Member, "exit 3", "127.0.0.32"),
            await GroupPod.CreateAsync(SupervisorRole.Member, TestGroup.Sleeps, "127.0.0.33"));
        // No clock of any answer runs out while time is moved.
        group.Settings = options => options with { PollTimeout = TimeSpan.FromHours(5), PeerGrace = TimeSpan.FromHours(5), JoinTimeout = TimeSpan.FromHours(5), KillAfter = TimeSpan.FromHours(5), PollInterval = Second, StartPollInterval = Second };
        await group.StartAsync();
        var coordinator = group.Coordinator.Run;
        for (var restarts = 0; restarts < 7; restarts++)
        {
            var number = restarts;
            await AdvanceAsync(time, () => coordinator.Board.Current is { LastExit: not null, State: SupervisorState.BackingOff or SupervisorState.Stalled } s && s.Restarts == number && s.Message.Contains("again in", StringComparison.Ordinal));
            var delay = restarts < 5 ? 1 << restarts : 600;
            Assert.EndsWith(restarts < 5 ? $"again in {delay} s" : "again in 600 s, since it failed 6 times within an hour", coordinator.Board.Current.Message, StringComparison.Ordinal);
            Assert.Contains("lost its engine: the engine exited with 3", coordinator.Board.Current.Message, StringComparison.Ordinal);
            Assert.Equal(restarts < 5 ? SupervisorState.BackingOff : SupervisorState.Stalled, coordinator.Board.Current.State);
            if (restarts == 5)
                time.Advance(RestartPolicy.StalledDelay - Second);
        }
        foreach (var follower in group.Followers)
            await AdvanceAsync(time, () => follower.Current.State == SupervisorState.Stalled && follower.Current.Message.Contains("since it failed 6 times", StringComparison.Ordinal));
        Assert.InRange(time.GetUtcNow() - time.Start, RestartPolicy.StalledDelay, 3 * RestartPolicy.StalledDelay);
    }

    [Fact]
    public async Task AStopOfAll_LetsTheMembersServe_UntilTheLeadersRequestsAreDone()
    {
        await using var group = await LeaderAndMembersAsync();
        await group.StartAsync();
        await group.ReadyAsync();
        _api.Processing = 1;
        foreach (var pod in new[] { group.Coordinator }.Concat(group.Followers))
            pod.Run.Stop();
        var samples = _api.Samples;
        while (_api.Samples < samples + 20)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.All([group.Coordinator, .. group.Followers], pod => Assert.NotNull(pod.Current.Engine));
        _api.Processing = 0;
        foreach (var pod in new[] { group.Coordinator }.Concat(group.Followers))
            Assert.Equal(0, await pod.Run.ExitAsync());
    }

    [Fact]
    public async Task AStopOfOneMember_DoesNotWait_AndTheGroupWaitsForItsSuccessor()
    {
        await using var group = await LeaderAndMembersAsync();
        await group.StartAsync();
        var epoch = await group.ReadyAsync();
        var member = group.Followers.First();
        member.Run.Stop();
        Assert.Equal(0, await member.Run.ExitAsync());
        await group.Coordinator.Run.UntilAsync(s => s.Message.Contains("it is being stopped", StringComparison.Ordinal));
        await member.KillAsync();
        await group.StartAsync(member);
        await group.ReadyAsync(epoch);
    }

    /// <summary>Whoever said them: a member is ready as soon as it runs, which proves nothing.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task WordsOfNccl_StandUntilTheGroupServesAgain(int index)
    {
        using var folder = new TemporaryFolder();
        var script = $"mkdir {folder.File("said")} && echo 'RuntimeError: NCCL error: unhandled system error' && exit 1; {TestGroup.Sleeps}";
        await using var group = new TestGroup(
            null,
            await GroupPod.CreateAsync(SupervisorRole.Leader, index == 0 ? script : TestGroup.Sleeps, "127.0.0.2", _api.Port),
            await GroupPod.CreateAsync(SupervisorRole.Member, index == 1 ? script : TestGroup.Sleeps, "127.0.0.3"));
        var (leader, member) = (group.Coordinator, group.Followers.Single());
        var words = (index == 0 ? leader : member).Words;
        _api.Health = 503;
        await group.StartAsync();
        await (index == 0 ? leader : member).Run.UntilAsync(s => s.Engine is not null && s.Restarts == 1);
        await member.Run.UntilAsync(s => s.Ready);
        var asked = _api.Healths;
        await WaitAsync(() => _api.Healths > asked + 5);
        Assert.Equal("RuntimeError: NCCL error: unhandled system error", words.Read(ready: false).Failure);

        _api.Health = 200;

        await group.ReadyAsync();
        await WaitAsync(() => words.Read(ready: true).Failure is null);
    }

    [Fact]
    public async Task WithoutRestarts_AMembersExitCode_IsItsEngines()
    {
        await using var group = await LeaderAndMembersAsync("exit 5");
        group.Settings = options => options with { Restart = false };
        await group.StartAsync();
        Assert.Equal(5, await group.Followers.First().Run.ExitAsync());
        Assert.Equal(143, await group.Coordinator.Run.ExitAsync());
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    private const int Stop = 19;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static async Task AdvanceAsync(FakeTimeProvider time, Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!condition())
        {
            time.Advance(Second);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token);
        }
    }

    private async Task<TestGroup> LeaderAndMembersAsync(string script = TestGroup.Sleeps) => new(
        null,
        await GroupPod.CreateAsync(SupervisorRole.Leader, TestGroup.Sleeps, "127.0.0.11", _api.Port),
        await GroupPod.CreateAsync(SupervisorRole.Member, script, "127.0.0.12"),
        await GroupPod.CreateAsync(SupervisorRole.Member, script, "127.0.0.13"));
}
