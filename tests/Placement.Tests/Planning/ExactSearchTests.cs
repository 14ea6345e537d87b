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
    public void Replicas_are_each_the_best_on_what_the_ones_before_left()
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
                Assert.Equal(answer, i < plan.Groups.Length ? AnswerOf(plan.Groups[i], c, left, answer) : null);
                if (answer is null)
                    break;
                second += i;
                left = [.. left.Select(n => n with { Taken = n.Taken + TakenBy(plan.Groups[i], n), CpuMillis = n.CpuMillis - CpuOf(plan.Groups[i], n) })];
                // Host memory is counted in bytes, not in GiB: nodes with little of it are looked at once only.
                if (left.Any(n => n.HostGiB < 256 && plan.Groups[i].Uses().Any(u => u.Node == n.Name)))
                    break;
            }
        }));
        Assert.True(second > 50, $"{second} further replicas");
    }

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
        TinyNode[] used = [.. group.Workers.Prepend(group.Leader).Select(n => nodes.Single(node => node.Name == n.Node))];
        return new ReferenceAnswer(
            c.ModelFacts.BlockCount + 1 - group.GpuLayers, used.Length, used.Select(n => n.Rack ?? "").Distinct(StringComparer.Ordinal).Count(),
            group.LayersPerDevice.Length, used.Length == 1 && group.GpuLayers > c.ModelFacts.BlockCount ? used[0].Pool : answer?.Pool ?? 0);
    }

    private static int TakenBy(GroupPlan group, TinyNode node) => group.Uses().Where(u => u.Node == node.Name).Sum(u => u.Gpus);

    private static long CpuOf(GroupPlan group, TinyNode node) => group.Uses().Where(u => u.Node == node.Name).Sum(u => u.CpuMillis);
}
