using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>What llama.cpp's limit on the devices of a group does to plans, and how it is explained.</summary>
public sealed class DeviceLimitTests
{
    private static readonly PlacementRequest s_70B = Request(SyntheticModels.Llama70B);

    [Fact]
    public void As_many_devices_as_the_engine_takes_are_planned_and_more_are_refused_with_numbers()
    {
        // Each of these holds five of the 81 layers: 17 of them hold the model.
        NodeFacts[] nodes = [.. Enumerable.Range(0, 20).Select(i => Nvidia($"small-{i:00}", 1, "Tesla-T4", 5000))];
        Assert.Equal(17, Assert.Single(Plan(s_70B with { MostDevices = 17 }, nodes).Groups).LayersPerDevice.Length);
        Assert.StartsWith("llama.cpp takes at most 16 devices", Plan(s_70B with { MostDevices = 16 }, nodes).Message, StringComparison.Ordinal);

        var plan = Plan(s_70B, nodes);

        Assert.False(plan.Feasible);
        Assert.Matches(
            "^llama.cpp takes at most 15 devices in one group: the 15 largest free GPUs hold 58[.]2 GiB, Llama-3.3-70B needs [0-9.]+ GiB on them; use larger GPUs, ",
            plan.Message);
        Assert.All(plan.Rejected, r => Assert.Equal(RejectionReasons.TooSmall, r.Reason));
        Assert.Contains(plan.Suggestions, s => s.Change.StartsWith("add a node with 1 x H100", StringComparison.Ordinal));
    }

    [Fact]
    public void Few_large_GPUs_are_taken_where_small_ones_would_be_too_many_devices()
    {
        NodeFacts[] small = [.. Enumerable.Range(0, 20).Select(i => Nvidia($"small-{i:00}", 1, "Tesla-T4", 5000))];
        NodeFacts[] large = [.. Enumerable.Range(0, 4).Select(i => Nvidia($"large-{i}", 1, "NVIDIA-L4", 16_000))];

        var group = Assert.Single(Plan(s_70B, [.. small, .. large]).Groups);

        Assert.All(group.Workers.Append(group.Leader), node => Assert.StartsWith("large-", node.Node, StringComparison.Ordinal));
    }

    [Fact]
    public void More_nodes_are_taken_where_the_fewest_would_be_too_many_devices()
    {
        // Two nodes of ten hold the model with all their GPUs; four of one large GPU do with four.
        NodeFacts[] nodes =
        [
            .. Enumerable.Range(0, 2).Select(i => Nvidia($"many-{i}", 10, "Tesla-T4", 5000)),
            .. Enumerable.Range(0, 4).Select(i => Nvidia($"large-{i}", 1, "NVIDIA-L4", 16_000)),
        ];
        Assert.Single(Plan(s_70B with { MostDevices = 20 }, nodes).Groups[0].Workers);

        var group = Assert.Single(Plan(s_70B, nodes).Groups);

        Assert.Equal(3, group.Workers.Length + 1);
        Assert.InRange(group.LayersPerDevice.Length, 4, 15);
        Assert.Contains("no 15 that may be combined hold it", Plan(s_70B with { MaxNodes = 2 }, nodes[..3]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_node_gives_no_more_devices_than_the_engine_takes()
    {
        var node = Nvidia("wide", 20, "Tesla-T4", 5000);
        Assert.True(Plan(s_70B with { MostDevices = 20 }, node).Feasible);
        Assert.Equal(15, Plan(s_70B with { CpuOffload = true }, node).Groups[0].LayersPerDevice.Length);

        var plan = Plan(s_70B, node);

        Assert.StartsWith("llama.cpp takes at most 15 devices", plan.Message, StringComparison.Ordinal);
        Assert.Contains("llama.cpp takes at most 15 of its 20 GPUs in one group", Assert.Single(plan.Rejected).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_large_fleet_of_unlike_small_GPUs_the_large_ones_are_found()
    {
        // Four nodes of eight small GPUs would hold the model with 32 devices, and there are more sets of four than a search looks at:
        // the larger the memory, the slower the network, so that none stands for another. One of them and three large ones do.
        NodeFacts[] nodes =
        [
            .. Enumerable.Range(0, 200).Select(i => Nvidia($"many-{i:000}", 8, "Tesla-T4", 3600 + i) with
            {
                Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [NodeNetwork.LatencyAnnotation] = $"{100 + i}us" },
            }),
            .. Enumerable.Range(0, 3).Select(i => Nvidia($"large-{i}", 1, "NVIDIA-L4", 14_500 + (16 * i))),
        ];
        Assert.Equal(4, Plan(s_70B with { MostDevices = 32 }, nodes).Groups[0].Workers.Length + 1);

        var group = Assert.Single(Plan(s_70B, nodes).Groups);

        Assert.Equal(3, group.Workers.Append(group.Leader).Count(node => node.Node.StartsWith("large-", StringComparison.Ordinal)));
        Assert.Single(group.Workers.Append(group.Leader), node => node.Node.StartsWith("many-", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_that_no_number_of_devices_would_hold_is_not_blamed_on_the_limit()
    {
        NodeFacts[] nodes = [.. Enumerable.Range(0, 20).Select(i => Nvidia($"tiny-{i:00}", 1, "Tesla-T4", 1100))];

        Assert.DoesNotContain("devices in one group", Plan(s_70B, nodes).Message, StringComparison.Ordinal);
    }

    private static PlacementRequest Request(LlamaCppModel model, long context = 8192) =>
        new() { Name = "test", Launch = SyntheticModels.Launch(model, context), CpuRequestMillis = 1000 };

    private static PlacementPlan Plan(PlacementRequest request, params NodeFacts[] nodes)
    {
        var plan = Planner.Plan(Build(nodes), request, []);
        PlanChecks.Hold(plan, Build(nodes), request);
        return plan;
    }
}
