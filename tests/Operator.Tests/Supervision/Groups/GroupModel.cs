using System.Collections.Immutable;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Groups;
using GpuStack.Operator.Supervision.Restarts;

namespace GpuStack.Operator.Tests.Supervision.Groups;

/// <summary>
/// The protocol of a group without processes, sockets and time: one step is a second, and the deciders are the supervisor's own. Node 0 is the
/// coordinator. An answer that is muted does not come; a stale one is what the peer said a step ago.
/// </summary>
internal sealed class GroupModel
{
    private static readonly DateTimeOffset Beginning = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PeersTimeout = TimeSpan.FromMinutes(10);

    private readonly ImmutableArray<PeerEndpoint> _followers;
    private readonly PeerEndpoint _coordinator = new("n0", 1);
    private int _unique;

    public GroupModel(int followers)
    {
        _followers = [.. Enumerable.Range(1, followers).Select(i => new PeerEndpoint($"n{i}", 1))];
        Nodes = [.. Enumerable.Range(0, followers + 1).Select(_ => new GroupNode { Started = Time() })];
        foreach (var node in Nodes)
            Enter(node);
    }

    public ImmutableArray<GroupNode> Nodes { get; }

    public int Step { get; private set; }

    public GroupNode Coordinator => Nodes[0];

    /// <summary>All engines run, and the followers' were started for the coordinator's.</summary>
    public bool Whole => Nodes.All(node => node.Down == 0 && node.Engine is { Ending: 0, Crashed: false }) && Nodes.Skip(1).All(node => node.Engine!.Epoch == Coordinator.Engine!.Start);

    public void Crash(int node)
    {
        if (Nodes[node].Engine is { } engine)
            engine.Crashed = true;
    }

    /// <summary>The container ends, with the engine and all that the supervisor knew, and comes back later.</summary>
    public void Kill(int node, int steps)
    {
        Nodes[node].Engine = null;
        Nodes[node].Down = steps;
    }

    public void Advance()
    {
        Step++;
        // What everybody would answer in this step is decided before anybody acts, but those that act later see what the earlier ones did.
        foreach (var node in Nodes)
            node.Before = node.Now;
        foreach (var i in Enumerable.Range(0, Nodes.Length).OrderBy(i => (i * 7919 + Step * 104729) % 1009))
            Act(i);
    }

    private DateTimeOffset Time() => Beginning.AddSeconds(Step).AddMicroseconds(_unique++);

    private void Act(int i)
    {
        var node = Nodes[i];
        if (node.Down > 0)
        {
            if (--node.Down == 0)
            {
                node.Started = Time();
                node.Served = null;
                node.Restarts = RestartState.Initial;
                node.Starts.Clear();
                Enter(node);
            }
        }
        else if (node.Engine is { } engine)
        {
            Run(i, node, engine);
        }
        else if (Step >= node.WaitUntil)
        {
            if (i == 0)
                PassFollowers(node);
            else
                PassCoordinator(i, node);
        }
        node.Now = node.Down > 0 ? PeerAnswer.None("down") : new PeerAnswer
        {
            Running = node.Engine is not null,
            StartTime = node.Engine?.Start,
            Epoch = i == 0 ? node.Engine?.Start : node.Served,
            Started = node.Started,
            State = node.State.ToString(),
            Role = i == 0 ? "Leader" : "Member",
        };
    }

    private void Run(int i, GroupNode node, GroupEngine engine)
    {
        if (engine.Ending > 0)
        {
            if (--engine.Ending == 0)
                Ended(i, node);
            return;
        }
        if (engine.Crashed || node.Broken > Step)
        {
            Ended(i, node);
            return;
        }
        string? lost;
        if (i == 0)
            (engine.Followers, lost) = engine.Followers!.Observe(TimeSpan.FromSeconds(Step - engine.Step), [.. Enumerable.Range(1, _followers.Length).Select(j => Ask(0, j))]);
        else
            (engine.Coordinator, lost) = engine.Coordinator!.Observe(TimeSpan.FromSeconds(Step - engine.Step), Ask(i, 0));
        node.State = SupervisorState.Running;
        if (lost is not null)
        {
            node.State = SupervisorState.Starting;
            engine.Ending = 1 + Step % 6;
        }
    }

    private void Ended(int i, GroupNode node)
    {
        node.Engine = null;
        Enter(node);
        if (i != 0)
            return;
        (node.Restarts, var delay) = RestartPolicy.Failed(node.Restarts, TimeSpan.FromSeconds(Step), TimeSpan.Zero);
        node.State = node.Restarts.Stalled ? SupervisorState.Stalled : SupervisorState.BackingOff;
        node.WaitUntil = Step + (int)delay.TotalSeconds;
    }

    private void Enter(GroupNode node)
    {
        node.State = SupervisorState.Waiting;
        node.WaitUntil = 0;
        node.Since = null;
        node.Roll = FollowersRoll.Of(_followers);
        node.Wait = new CoordinatorWait(_coordinator, node.Served);
    }

    private void PassFollowers(GroupNode node)
    {
        node.Since ??= Step;
        var answers = Enumerable.Range(1, _followers.Length).Select(j => Ask(0, j)).ToImmutableArray();
        node.Roll = node.Roll!.Observe(Time(), answers);
        node.State = Step - node.Since >= PeersTimeout.TotalSeconds ? SupervisorState.Stalled : SupervisorState.Waiting;
        if (!node.Roll.Complete)
            return;
        var start = Time();
        node.Starts.Add(Step);
        node.State = SupervisorState.Starting;
        node.Engine = new GroupEngine(start, start, Step) { Followers = FollowersWatch.Of(_followers, [.. answers.Select(answer => answer.Started)], start, Grace, JoinTimeout) };
    }

    private void PassCoordinator(int i, GroupNode node)
    {
        node.Wait = node.Wait!.Observe(Time(), Ask(i, 0));
        node.State = node.Wait.CoordinatorStalled || Time() - node.Wait.SilentSince >= PeersTimeout ? SupervisorState.Stalled : SupervisorState.Waiting;
        if (node.Wait.Epoch is not { } epoch)
            return;
        Assert.NotEqual(node.Served, epoch);
        node.Served = epoch;
        node.State = SupervisorState.Starting;
        node.Engine = new GroupEngine(Time(), epoch, Step) { Coordinator = new CoordinatorWatch(_coordinator, epoch, Grace) };
    }

    private PeerAnswer Ask(int from, int to)
    {
        var peer = Nodes[to];
        if (peer.Down > 0 || Nodes[from].Deaf > Step || peer.Mute > Step)
            return PeerAnswer.None("silent");
        return peer.Stale > Step ? peer.Before : peer.Now;
    }
}
