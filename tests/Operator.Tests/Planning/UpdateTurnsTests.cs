using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
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
