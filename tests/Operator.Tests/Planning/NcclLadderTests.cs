using GpuStack.Operator.Objects;
using GpuStack.Operator.Objects.Nccl;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.Planning;

public class NcclLadderTests
{
    private static readonly EngineReport Failed = new() { NcclFailure = "RuntimeError: NCCL error: unhandled cuda error" };

    [Fact]
    public async Task Every_failure_is_one_step_until_nothing_is_left()
    {
        var deployment = Inputs.Small("network: {rdma: {resourceName: rdma/hca}}");
        var group = await Views.GroupAsync() with { RdmaResource = "rdma/hca" };
        var steps = new List<NcclFallback?>();
        while (NcclLadder.Next(deployment, View(group, Failed)) is { } next)
        {
            Assert.Contains("unhandled cuda error", next.FallbackReason, StringComparison.Ordinal);
            steps.Add(next.Fallback);
            group = next;
        }

        Assert.Equal([NcclFallback.PeerToPeerOff, NcclFallback.InfiniBandOff, NcclFallback.Debug], steps);
        Assert.Equal(
            "NCCL_P2P_DISABLE=1 NCCL_IB_DISABLE=1 NCCL_DEBUG=INFO",
            string.Join(' ', EngineContainer.Nccl(deployment, group).Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Fact]
    public async Task A_step_that_would_change_nothing_is_left_out()
    {
        // Without an RDMA device InfiniBand is off anyway, and the user decides on peer-to-peer.
        var deployment = Inputs.Small("network: {nccl: {env: [{name: NCCL_P2P_DISABLE, value: \"0\"}]}}");

        var next = NcclLadder.Next(deployment, View(await Views.GroupAsync(), Failed));

        Assert.Equal(NcclFallback.Debug, next?.Fallback);
    }

    [Theory]
    [InlineData("healthy")]
    [InlineData("other failure")]
    [InlineData("hangs for a moment")]
    [InlineData("ready")]
    [InlineData("older pods")]
    [InlineData("not wanted")]
    [InlineData("only a plan")]
    [InlineData("a rank was killed")]
    [InlineData("a container is down")]
    public async Task Nothing_is_turned_off_without_a_reason(string state)
    {
        var deployment = Inputs.Small(state switch { "not wanted" => "network: {nccl: {fallback: Disabled}}", "only a plan" => "planOnly: true", _ => "" });
        var group = await Views.GroupAsync();
        var view = state switch
        {
            "healthy" => View(group, new EngineReport()),
            "other failure" => View(group, new EngineReport { LastEnd = "exit code 1", State = "Stalled", Restarts = 9 }),
            "hangs for a moment" => View(group, new EngineReport { Hanging = TimeSpan.FromMinutes(4.9) }),
            "ready" => Views.View(group, Views.Pod(group) with { Engine = Failed }),
            "older pods" => Views.View(group, Views.Pod(group, ready: false, template: "older") with { Engine = Failed }),
            "a rank was killed" => View(group, Failed with { WasKilled = true }),
            "a container is down" => Views.View(group, Views.Pod(group, ready: false) with { Engine = Failed }),
            _ => View(group, Failed),
        };

        Assert.Null(NcclLadder.Next(deployment, view));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_group_that_hangs_with_its_weights_loaded_is_turned_down_too_however_its_engine_ended_before(bool wasKilled)
    {
        var next = NcclLadder.Next(Inputs.Small(), View(await Views.GroupAsync(), new EngineReport { Hanging = TimeSpan.FromMinutes(5), WasKilled = wasKilled }));

        Assert.Equal(NcclFallback.PeerToPeerOff, next?.Fallback);
    }

    [Fact]
    public async Task Another_spec_begins_anew()
    {
        var deployment = Inputs.Small();
        var group = NcclLadder.Next(deployment, View(await Views.GroupAsync(), Failed))!;

        Assert.Null(NcclLadder.Reset(deployment, group));
        var reset = NcclLadder.Reset(Inputs.Small("network: {interface: eth1}"), group);
        Assert.NotNull(reset);
        Assert.Null(reset.Fallback);
        Assert.Null(reset.FallbackReason);
    }

    private static GroupView View(PlannedGroup group, EngineReport report) =>
        Views.View(group, Views.Pod(group, ready: false) with { Engine = report, EngineSince = DateTimeOffset.UnixEpoch });
}
