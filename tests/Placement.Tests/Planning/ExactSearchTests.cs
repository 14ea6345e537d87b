using FsCheck;
using FsCheck.Fluent;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>The planner against <see cref="ReferencePlanner"/>, on fleets of up to six nodes with four GPUs each.</summary>
public sealed class ExactSearchTests
{
    [Fact]
    public void Groups_take_the_fewest_nodes_domains_and_GPUs_that_any_group_could()
    {
        var (feasible, several, large) = (0, 0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(16_000), Prop.ForAll(PlanCase.Of(mostNodes: 6, cpuOffload: false), c =>
        {
            var answer = Compare(c);
            feasible += answer is null ? 0 : 1;
            several += answer?.Nodes > 1 ? 1 : 0;
            large += answer?.Nodes > 3 ? 1 : 0;
        }));
        // The cases must not be trivial.
        Assert.True(feasible is > 4000 and < 14_000 && several > 2000 && large > 100, $"{feasible} feasible, {several} on several nodes, {large} on four or more");
    }

    [Fact]
    public void As_few_layers_stay_on_the_host_as_can()
    {
        var (onHost, several) = (0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(6000), Prop.ForAll(PlanCase.Of(mostNodes: 4, cpuOffload: true), c =>
        {
            var answer = Compare(c);
            onHost += answer?.OnHost > 0 ? 1 : 0;
            several += answer is { OnHost: > 0, Nodes: > 1 } ? 1 : 0;
        }));
        Assert.True(onHost > 1000 && several > 200, $"{onHost} with layers on the host, {several} of them on several nodes");
    }

    [Fact]
    public void Groups_are_the_best_of_those_with_no_more_devices_than_the_engine_takes()
    {
        var (binding, others, several, onHost) = (0, 0, 0, 0);
        foreach (var cpuOffload in new[] { false, true })
        {
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(cpuOffload ? 3000 : 6000), Prop.ForAll(PlanCase.Of(cpuOffload ? 4 : 6, cpuOffload, fewDevices: true), c =>
            {
                var answer = Compare(c);
                var free = ReferencePlanner.Best(c.Nodes, c.Request with { MostDevices = LlamaCppLaunch.MostDevices });
                binding += Equals(answer, free) ? 0 : 1;
                others += answer is null || Equals(answer, free) ? 0 : 1;
                several += answer?.Nodes > 1 ? 1 : 0;
                onHost += answer?.OnHost > 0 ? 1 : 0;
            }));
        }

        Assert.True(
            binding > 300 && others > 80 && several > 800 && onHost > 600,
            $"{binding} with another answer than without the limit, {others} of them feasible, {several} on several nodes, {onHost} with layers on the host");
    }

    [Fact]
    public void Replicas_are_each_the_best_on_what_the_ones_before_left_or_more_of_them_have_a_place()
    {
        var second = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(PlanCase.Of(mostNodes: 6, cpuOffload: false, mostReplicas: 3), c =>
        {
            var plan = Planner.Decide(c.Fleet, c.Request);
            PlanChecks.Hold(plan, c.Fleet, c.Request);
            var left = c.Nodes;
            for (var i = 0; i < c.Replicas; i++)
            {
                var answer = ReferencePlanner.Best(left, c.Request);
                var group = i < plan.Groups.Length ? plan.Groups[i] : null;
                if (answer is null || group is null || !Equals(answer, AnswerOf(group, c, left, answer)))
                {
                    // One after another strands the last of them here: the places are others, and more.
                    Assert.Equal(answer is null && group is null, plan.Groups.Length == i);
                    Assert.True(plan.Groups.Length == i || plan.Groups.Length > PlacedOneByOne(c));
                    break;
                }

                second += i;
                // Host memory is counted in bytes, not in GiB: nodes with little of it are looked at once only.
                if (left.Any(n => n.HostGiB < 256 && group.Uses().Any(u => u.Node == n.Name)))
                    break;
                left = After(left, group);
            }
        }));
        Assert.True(second > 50, $"{second} further replicas");
    }

    /// <summary>How many groups find a place when each takes its best and nobody makes room.</summary>
    private static int PlacedOneByOne(PlanCase c)
    {
        var fleet = c.Fleet;
        for (var i = 0; i < c.Replicas; i++)
        {
            if (Planner.Decide(fleet, c.Request with { Replicas = 1 }) is not { Feasible: true, Groups: [var group] })
                return i;
            fleet = fleet.Taking(group.Uses());
        }

        return c.Replicas;
    }

    private static TinyNode[] After(IEnumerable<TinyNode> nodes, GroupPlan group) =>
        [.. nodes.Select(n => n with { Taken = n.Taken + TakenBy(group, n), CpuMillis = n.CpuMillis - CpuOf(group, n) })];

    private static ReferenceAnswer? Compare(PlanCase c)
    {
        var plan = Planner.Decide(c.Fleet, c.Request);
        PlanChecks.Hold(plan, c.Fleet, c.Request);
        var answer = ReferencePlanner.Best(c.Nodes, c.Request);
        Assert.Equal(answer, plan.Feasible ? AnswerOf(plan.Groups[0], c, c.Nodes, answer) : null);
        return answer;
    }

    /// <summary>The pool is decided on one node only, where the strategy says which.</summary>
    private static ReferenceAnswer AnswerOf(GroupPlan group, PlanCase c, TinyNode[] nodes, ReferenceAnswer? answer)
    {
        TinyNode[] used = [.. group.Nodes.Select(n => nodes.Single(node => node.Name == n.Node))];
        return new ReferenceAnswer(
            c.ModelFacts.BlockCount + 1 - group.GpuLayers, used.Length, used.Select(n => n.Rack ?? "").Distinct(StringComparer.Ordinal).Count(),
            group.LayersPerDevice.Length, used.Length == 1 && group.GpuLayers > c.ModelFacts.BlockCount ? used[0].Pool : answer?.Pool ?? 0);
    }

    private static int TakenBy(GroupPlan group, TinyNode node) => group.Uses().Where(u => u.Node == node.Name).Sum(u => u.Gpus);

    private static long CpuOf(GroupPlan group, TinyNode node) => group.Uses().Where(u => u.Node == node.Name).Sum(u => u.CpuMillis);
}
