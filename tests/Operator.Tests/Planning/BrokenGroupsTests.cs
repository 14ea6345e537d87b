using GpuStack.Operator.Planning;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.Planning;

public sealed class BrokenGroupsTests
{
    private const string NoRoom = "pod small-0-0 cannot be scheduled: 0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) didn't match Pod's node affinity/selector.";

    private static readonly TimeSpan Toleration = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset Refused = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(NoRoom, 61, true)]
    [InlineData(NoRoom, 59, false)]
    [InlineData("pod small-0-0 cannot be scheduled: 0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.", 61, false)]
    [InlineData(null, 61, false)]
    public async Task A_node_is_full_when_the_scheduler_says_so_for_longer_than_the_toleration(string? message, int seconds, bool full)
    {
        var group = await Views.GroupAsync();
        var pod = Views.Pod(group, ready: false) with { Node = null, UnschedulableSince = Refused, Message = message };

        var found = BrokenGroups.Full([Views.View(group, pod)], Toleration, Refused.AddSeconds(seconds));

        Assert.Equal(full ? [group.Plan.Leader.Node] : [], found.GetValueOrDefault(0, []));
    }

    [Fact]
    public async Task Pods_of_an_earlier_plan_and_pods_that_go_say_nothing_of_the_present_nodes()
    {
        var group = await Views.GroupAsync();
        var pod = Views.Pod(group, ready: false) with { Node = null, UnschedulableSince = Refused, Message = NoRoom };

        Assert.Empty(BrokenGroups.Full(
            [Views.View(group, pod with { PlanHash = "earlier" }), Views.View(group with { Plan = group.Plan with { Index = 1 } }, pod with { Terminating = true })],
            Toleration,
            Refused.AddHours(1)));
    }

    [Fact]
    public async Task A_node_that_holds_a_pod_of_the_group_is_not_full()
    {
        var group = await Views.GroupAsync();
        var bound = Views.Pod(group);
        var refused = bound with { Name = "other", Node = null, Ready = false, UnschedulableSince = Refused, Message = NoRoom };

        Assert.Empty(BrokenGroups.Full([Views.View(group, bound, refused)], Toleration, Refused.AddHours(1))[0]);
    }
}
