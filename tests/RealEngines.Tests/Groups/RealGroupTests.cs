using System.Globalization;
using System.Text.RegularExpressions;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.RealEngines.Faults;
using GpuStack.RealEngines.Groups;
using GpuStack.RealEngines.Models;

namespace GpuStack.RealEngines.Tests.Groups;

/// <summary>The real llama-server and two real ggml-rpc-servers under <c>supervise</c>, started as their pods are.</summary>
public sealed partial class RealGroupTests(RunningGroup running) : IClassFixture<RunningGroup>
{
    private RealGroup Group => running.Group;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_completion_is_answered_with_the_layers_where_the_plan_puts_them()
    {
        await Group.ServingAsync(Cancellation);

        Assert.Equal(32, await Group.Api.CompleteAsync(32, Cancellation));
        // Two workers of different sizes, then the leader; the last layer is the output, which has no cache.
        Assert.Equal([3, 2, 4], Group.Pods.Plan.LayersPerDevice);
        var (weights, caches) = (Buffers("model"), Buffers("KV"));
        for (var device = 0; device < Group.Endpoints.Length; device++)
        {
            var planned = Group.Pods.Plan.Estimate.Devices[device];
            Assert.Equal(planned.KvCache.Value / 1048576.0, caches[Group.Endpoints[device]], tolerance: 0.005);
            Assert.Equal(planned.Weight.Value / 1048576.0, weights[Group.Endpoints[device]], tolerance: 0.01);
        }

        // What the leader's supervisor tells the operator: the sums of all devices.
        var told = (await Group.Leader.StatusAsync(Cancellation))!.Buffers!;
        var devices = Group.Pods.Plan.Estimate.Devices[..^1];
        Assert.Equal(devices.Sum(device => device.Weight.MiB), told.Model, tolerance: 0.03);
        Assert.Equal(devices.Sum(device => device.KvCache.MiB), told.Cache, tolerance: 0.03);
        Assert.Equal(devices.Sum(device => device.Compute.MiB), told.Compute, tolerance: 0.02 * devices.Sum(device => device.Compute.MiB));
    }

    [Fact]
    public async Task Texts_are_cut_into_the_pieces_of_our_vocabulary()
    {
        await Group.ServingAsync(Cancellation);

        string[] pieces = ["▁hello", "▁world", "▁and", "▁", "z", "<0xC3>", "<0xA9>"];
        Assert.Equal(pieces.Select(TinyVocabulary.IdOf), await Group.Api.TokenizeAsync("hello world and zé", Cancellation));
    }

    [Fact]
    public async Task A_worker_killed_while_idle_starts_anew_and_so_does_the_leader()
    {
        var (recovery, restarts) = await InjectAsync(GroupFault.WorkerKilledIdle, worker: 0);

        Assert.Equal(PosixProcess.SigKill, recovery.Victim.Engine.LastExit!.Signal);
        Assert.Equal(restarts + 1, recovery.Victim.Engine.Restarts);
        Assert.StartsWith($"worker {Group.Endpoints[0]} ", recovery.Leader.Engine.LastExit!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_killed_while_it_computes_starts_anew_and_so_does_the_leader()
    {
        var (recovery, restarts) = await InjectAsync(GroupFault.WorkerKilledGenerating, worker: 1);

        Assert.Equal(PosixProcess.SigKill, recovery.Victim.Engine.LastExit!.Signal);
        Assert.Equal(restarts + 1, recovery.Victim.Engine.Restarts);
        // llama-server aborts by itself, and may do so before the worker's supervisor knows of the worker's end.
        Assert.Matches($"^worker {Regex.Escape(Group.Endpoints[1])} |^the engine ended by signal 6$", recovery.LeaderReason);
        Assert.False(recovery.AnswerReachedItsEnd);
    }

    [Fact]
    public async Task A_frozen_worker_is_noticed_ended_and_started_anew_and_so_is_the_leader()
    {
        var (recovery, restarts) = await InjectAsync(GroupFault.WorkerFrozen, worker: 0);

        Assert.Equal(PosixProcess.SigKill, recovery.Victim.Engine.LastExit!.Signal);
        Assert.Contains("bytes wait on its port and it does nothing for", recovery.Victim.Engine.LastExit!.Reason, StringComparison.Ordinal);
        Assert.Equal(restarts + 1, recovery.Victim.Engine.Restarts);
        // Whichever of the two supervisors sees it first.
        Assert.Matches($"decodes nothing for|metrics are not answered|^worker {Regex.Escape(Group.Endpoints[0])} ", recovery.Leader.Engine.LastExit!.Reason);
        Assert.False(recovery.AnswerReachedItsEnd);
    }

    [Fact]
    public async Task A_killed_leader_starts_anew_with_the_same_workers()
    {
        var (recovery, restarts) = await InjectAsync(GroupFault.LeaderKilled);

        Assert.Equal(PosixProcess.SigKill, recovery.Leader.Engine.LastExit!.Signal);
        Assert.Equal(restarts + 1, recovery.Leader.Engine.Restarts);
        Assert.False(recovery.AnswerReachedItsEnd);
    }

    [Fact]
    public async Task A_frozen_leader_is_noticed_ended_and_started_anew_with_the_same_workers()
    {
        var (recovery, restarts) = await InjectAsync(GroupFault.LeaderFrozen);

        Assert.Equal(PosixProcess.SigKill, recovery.Leader.Engine.LastExit!.Signal);
        Assert.StartsWith("it is stuck: its metrics are not answered for", recovery.Leader.Engine.LastExit!.Reason, StringComparison.Ordinal);
        Assert.Equal(restarts + 1, recovery.Leader.Engine.Restarts);
        Assert.False(recovery.AnswerReachedItsEnd);
    }

    private async Task<(GroupRecovery Recovery, int RestartsBefore)> InjectAsync(GroupFault fault, int worker = 0)
    {
        await Group.ServingAsync(Cancellation);
        var victim = fault is GroupFault.LeaderKilled or GroupFault.LeaderFrozen ? Group.Leader : Group.Workers[worker];
        var before = await victim.RunningAsync(Cancellation);
        var others = await StartTimesAsync(except: victim);
        var recovery = await FaultRun.InjectAsync(Group, fault, worker, Cancellation);
        // The others are not touched, but for the leader, that never reconnects.
        Assert.Equal(others, await StartTimesAsync(except: victim));
        return (recovery, before.Engine.Restarts);
    }

    private async Task<List<string?>> StartTimesAsync(SupervisedEngine except)
    {
        List<string?> times = [];
        foreach (var worker in Group.Workers.Where(worker => worker != except))
            times.Add((await worker.RunningAsync(Cancellation)).Engine.StartTime);
        return times;
    }

    /// <summary>MiB by endpoint of what llama-server says it put there when it last loaded.</summary>
    private Dictionary<string, double> Buffers(string kind)
    {
        Dictionary<string, double> buffers = [];
        foreach (var line in Group.Leader.Log.Lines)
        {
            if (BufferLine().Match(line) is { Success: true } match && match.Groups["kind"].Value == kind)
                buffers[match.Groups["endpoint"].Value] = double.Parse(match.Groups["size"].ValueSpan, CultureInfo.InvariantCulture);
        }
        return buffers;
    }

    [GeneratedRegex(@"RPC[0-9]+\[(?<endpoint>[^\]]+)\] (?<kind>\w+) buffer size = +(?<size>[0-9.]+) MiB", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BufferLine();
}
