using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.Planning;

public class UpdateTurnsTests
{
    [Fact]
    public async Task Groups_that_serve_are_replaced_one_after_another()
    {
        var groups = await GroupsAsync("old ready", "old ready", "old ready");

        Assert.Equal([0], UpdateTurns.Choose(groups, new UpdateStrategySpec(), 3));
    }

    [Fact]
    public async Task The_next_group_waits_until_the_replaced_one_serves_again()
    {
        var groups = await GroupsAsync("new starting", "old ready", "old ready");

        Assert.Empty(UpdateTurns.Choose(groups, new UpdateStrategySpec(), 3));
    }

    [Fact]
    public async Task A_group_that_does_not_serve_anyway_is_replaced_at_once()
    {
        var groups = await GroupsAsync("old ready", "old starting", "old ready");

        Assert.Equal([1], UpdateTurns.Choose(groups, new UpdateStrategySpec(), 3));
    }

    [Theory]
    [InlineData("2", "0,1")]
    [InlineData("50%", "0,1")]
    [InlineData("100%", "0,1,2,3")]
    [InlineData("0", "0")]
    public async Task MaxUnavailable_says_how_many_may_be_down(string maxUnavailable, string expected)
    {
        var groups = await GroupsAsync("old ready", "old ready", "old ready", "old ready");
        var strategy = new UpdateStrategySpec { MaxUnavailable = int.TryParse(maxUnavailable, out var number) ? new IntOrString(number) : new IntOrString(maxUnavailable) };

        Assert.Equal(expected, string.Join(',', UpdateTurns.Choose(groups, strategy, 4).Order()));
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "0")]
    public async Task Nothing_goes_down_for_a_beginning_while_a_further_group_may_find_a_place(bool hasRoom, string expected)
    {
        var groups = await GroupsAsync("old ready", "old ready");
        var strategy = new UpdateStrategySpec { MaxUnavailable = 0, MaxSurge = 1 };

        Assert.Equal(expected, string.Join(',', UpdateTurns.Choose(groups, strategy, 2, hasRoom)));
    }

    [Fact]
    public async Task OnDelete_waits_for_the_user()
    {
        var strategy = new UpdateStrategySpec { Type = UpdateStrategyType.OnDelete };

        Assert.Empty(UpdateTurns.Choose(await GroupsAsync("old ready", "old starting"), strategy, 2));
        Assert.Equal([0], UpdateTurns.Choose(await GroupsAsync("old deleted", "old ready"), strategy, 2));
    }

    [Fact]
    public async Task Groups_that_are_up_to_date_have_no_turn() =>
        Assert.Empty(UpdateTurns.Choose(await GroupsAsync("new ready", "new starting"), new UpdateStrategySpec(), 2));

    [Theory]
    // maxUnavailable, the further group, who may be replaced
    [InlineData(0, "new starting", "")]
    [InlineData(0, "new ready", "0")]
    [InlineData(1, "new starting", "0")]
    [InlineData(1, "new ready", "0,1")]
    public async Task A_further_group_that_serves_lets_one_more_be_replaced(int maxUnavailable, string further, string expected)
    {
        var groups = await GroupsAsync("old ready", "old ready", further);

        Assert.Equal(expected, string.Join(',', UpdateTurns.Choose(groups, new UpdateStrategySpec { MaxUnavailable = maxUnavailable, MaxSurge = 1 }, 2).Order()));
    }

    [Theory]
    [InlineData("old ready,old ready", "1", 1)]
    [InlineData("old ready,old ready", "50%", 1)]
    [InlineData("old ready,old ready,old ready", "50%", 2)]
    [InlineData("old ready,old ready", "0", 0)]
    [InlineData("new ready,new ready", "1", 0)]
    [InlineData("new starting,new ready", "1", 0)]
    [InlineData("old starting", "1", 0)]
    [InlineData("old starting,old ready", "1", 1)]
    public async Task Further_groups_are_for_the_time_of_an_update(string states, string maxSurge, int expected)
    {
        var groups = await GroupsAsync(states.Split(','));
        var surge = int.TryParse(maxSurge, out var number) ? new IntOrString(number) : new IntOrString(maxSurge);

        Assert.Equal(expected, UpdateTurns.Surge(groups, new UpdateStrategySpec { MaxSurge = surge }, groups.Count));
    }

    [Theory]
    [InlineData("new starting", 1)]
    [InlineData("new ready", 0)]
    public async Task A_further_group_stays_until_all_that_are_wanted_serve(string wanted, int expected)
    {
        var groups = await GroupsAsync(wanted, "new ready");

        Assert.Equal(expected, UpdateTurns.Surge(groups, new UpdateStrategySpec { MaxSurge = 1 }, replicas: 1));
    }

    [Fact]
    public async Task A_replica_without_a_place_keeps_nobody_from_an_update() =>
        Assert.Equal([0], UpdateTurns.Choose(await GroupsAsync("old ready", "old ready"), new UpdateStrategySpec(), replicas: 3));

    // What runs had no head of Ray, or had one, and the changed spec has it otherwise.
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public async Task Groups_that_serve_are_replaced_one_after_another_although_the_spec_wants_another_number_of_pods(int pods, int wanted)
    {
        var groups = new List<GroupView>();
        for (var index = 0; index < 3; index++)
        {
            var group = await Views.GroupAsync(index);
            var leader = Views.Pod(group, template: "older");
            PodObservation[] all = [leader, leader with { Name = $"small-{index}-h-0", Role = GroupLabels.HeadRole }];
            groups.Add(Views.View(group, all[..pods]) with { WantedPods = wanted });
        }

        Assert.All(groups, group => Assert.True(group.Ready && group.Scheduled));
        Assert.Equal([0], UpdateTurns.Choose(groups, new UpdateStrategySpec(), 3));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task A_group_of_the_present_spec_is_complete_with_its_head(int pods, bool expected)
    {
        var group = await Views.GroupAsync();
        var leader = Views.Pod(group);
        PodObservation[] all = [leader, leader with { Name = "small-0-h-0", Role = GroupLabels.HeadRole }];

        Assert.Equal(expected, (Views.View(group, all[..pods]) with { WantedPods = 2 }).Ready);
    }

    private static async Task<List<GroupView>> GroupsAsync(params string[] states)
    {
        var groups = new List<GroupView>();
        foreach (var state in states)
        {
            var group = await Views.GroupAsync(groups.Count);
            groups.Add(Views.View(group, Views.Pod(
                group,
                ready: state.EndsWith("ready", StringComparison.Ordinal),
                template: state.StartsWith("new", StringComparison.Ordinal) ? Views.Template : "older",
                terminating: state.EndsWith("deleted", StringComparison.Ordinal))));
        }
        return groups;
    }
}
