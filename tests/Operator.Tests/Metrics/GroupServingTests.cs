using GpuStack.Operator.Metrics;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.Metrics;

public sealed class GroupServingTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_cause_is_read_off_nodes_plan_and_pods()
    {
        var group = await Views.GroupAsync();
        var starting = Views.Pod(group, ready: false);
        var engine = starting with { EngineSince = Now };

        Assert.True(GroupServing.Of(Views.View(group, Views.Pod(group))).Serves);
        Assert.Equal(new GroupServing(0, false, RecoveryCause.Engine), GroupServing.Of(Views.View(group, engine)));
        Assert.Equal(new GroupServing(0, false, RecoveryCause.Pod), GroupServing.Of(Views.View(group, starting)));
        Assert.Equal(new GroupServing(0, false, RecoveryCause.Pod), GroupServing.Of(Views.View(group)));
        Assert.Equal(new GroupServing(0, false, RecoveryCause.Pod), GroupServing.Of(Views.View(group, engine with { Terminating = true })));
        Assert.Equal(new GroupServing(0, false, RecoveryCause.Update), GroupServing.Of(Views.View(group, engine with { TemplateHash = "other" })));
        Assert.Equal(new GroupServing(0, false, RecoveryCause.Node), GroupServing.Of(Views.View(group, engine) with { Nodes = new NodeVerdict(["gpu-0"], [], null) }));
        Assert.Equal(new GroupServing(0, false, RecoveryCause.Node), GroupServing.Of(Views.View(group, engine) with { HeadNode = new NodeVerdict([], ["gpu-0"], null) }));
    }
}
