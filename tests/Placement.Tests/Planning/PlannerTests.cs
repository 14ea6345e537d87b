using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

public sealed class PlannerTests
{
    private static PlacementRequest Request(LlamaCppModel model, long context = 8192) =>
        new() { Name = "test", Launch = SyntheticModels.Launch(model, context), CpuRequestMillis = 1000 };

    private static PlacementPlan Plan(PlacementRequest request, params NodeFacts[] nodes)
    {
        var plan = Planner.Plan(Build(nodes), request, []);
        PlanChecks.Hold(plan, Build(nodes), request);
        return plan;
    }

    [Fact]
    public void Pack_takes_the_smallest_pool_that_fits_and_Spread_the_largest()
    {
        NodeFacts[] nodes = [Nvidia("big", 8), Nvidia("small", 1, "NVIDIA-L4", 23034), Nvidia("tiny", 1, "Tesla-T4", 4096)];
        Assert.Equal("small", Plan(Request(SyntheticModels.Llama8B), nodes).Groups[0].Leader.Node);
        var spread = Plan(Request(SyntheticModels.Llama8B) with { Strategy = PlacementStrategy.Spread }, nodes);
        Assert.Equal("big", spread.Groups[0].Leader.Node);
        Assert.Equal(1, spread.Groups[0].Leader.Gpus);
    }

    [Fact]
    public void One_node_is_preferred_to_several_and_uses_no_more_GPUs_than_needed()
    {
        var plan = Plan(Request(SyntheticModels.Llama70B), Nvidia("a", 1), Nvidia("b", 1), Nvidia("c", 4));
        Assert.Equal("c", plan.Groups[0].Leader.Node);
        Assert.Equal(2, plan.Groups[0].Leader.Gpus);
        Assert.Empty(plan.Groups[0].Workers);
    }

    [Fact]
    public void The_leader_of_two_nodes_is_the_one_with_the_larger_pool_and_the_other_choice_is_slower()
    {
        NodeFacts[] nodes = [Nvidia("a-one", 1), Nvidia("b-two", 2)];
        var request = Request(SyntheticModels.DeepSeekR1, 4096) with { CpuOffload = true };
        var plan = Plan(request, nodes);
        var group = plan.Groups[0];
        Assert.Equal("b-two", group.Leader.Node);
        Assert.Equal("a-one", Assert.Single(group.Workers).Node);
        Assert.True(group.GpuLayers < 62);
        Assert.False(group.SpeedCalibrated);

        var forced = Plan(request with { LeaderNode = "a-one" }, nodes).Groups[0];
        Assert.Equal("a-one", forced.Leader.Node);
        Assert.True(forced.PredictedTokensPerSecond < group.PredictedTokensPerSecond - 0.1);
    }

    [Fact]
    public void Six_nodes_are_used_when_any_five_hold_too_little()
    {
        NodeFacts[] nodes = [.. Enumerable.Range(0, 6).Select(i => Nvidia($"n-{i}", 1, "NVIDIA-GeForce-RTX-4070", 12282))];
        var request = Request(SyntheticModels.Llama70BSixBits);
        var plan = Plan(request, nodes);
        Assert.True(plan.Feasible);
        Assert.Equal(5, plan.Groups[0].Workers.Length);
        for (var left = 0; left < nodes.Length; left++)
            Assert.False(Plan(request, [.. nodes[..left], .. nodes[(left + 1)..]]).Feasible);
    }

    [Fact]
    public void Unequal_GPUs_fill_the_faster_ones_first()
    {
        var plan = Plan(
            Request(SyntheticModels.Llama70BSixBits, 32_768), Nvidia("a", 1, "NVIDIA-GeForce-RTX-4090", 24564),
            Nvidia("b", 1, "NVIDIA-GeForce-RTX-4080", 16376), Nvidia("c", 1, "NVIDIA-A100-PCIE-40GB", 40960));
        var group = plan.Groups[0];
        Assert.Equal("c", group.Leader.Node);
        Assert.Equal(["a", "b"], group.Workers.Select(w => w.Node));
        var a100 = group.Estimate.Devices[2];
        var nextLayer = SyntheticModels.Llama70BSixBits.LayerWeights[0];
        Assert.True((a100.Total + new Bytes(2 * nextLayer)) > group.Leader.UsableBytesPerGpu);
    }

    [Fact]
    public void Two_GPUs_too_few_are_refused_with_numbers_and_suggestions_that_hold()
    {
        var request = Request(SyntheticModels.Llama70B);
        NodeFacts[] nodes = [Nvidia("n", 2, "NVIDIA-GeForce-RTX-4090", 24564), CpuOnly("control-plane")];
        var plan = Plan(request, nodes);
        Assert.False(plan.Feasible);
        var tooSmall = Assert.Single(plan.Rejected, r => r.Reason == RejectionReasons.TooSmall);
        Assert.Contains("on 2 GPUs, usable 46.0 GiB", tooSmall.Message, StringComparison.Ordinal);
        Assert.Contains(plan.Rejected, r => r.Reason == RejectionReasons.NoGpu && r.Examples.SequenceEqual(["control-plane"]));
        Assert.Contains(plan.Suggestions, s => s.Change == "placement.cpuOffload: Allowed");
        Assert.Contains(plan.Suggestions, s => s.Change.StartsWith("add a node with 1 x NVIDIA-GeForce-RTX-4090", StringComparison.Ordinal));
        Assert.True(Plan(request with { CpuOffload = true }, nodes).Feasible);
        Assert.True(Plan(request, [.. nodes, Nvidia("other", 1, "NVIDIA-GeForce-RTX-4090", 24564)]).Feasible);
    }

    [Fact]
    public void A_shorter_context_is_suggested_and_fits()
    {
        var request = Request(SyntheticModels.Llama8B, 131_072);
        var plan = Plan(request, Nvidia("n", 1, "Tesla-T4", 15360));
        Assert.False(plan.Feasible);
        var change = Assert.Single(plan.Suggestions, s => s.Change.StartsWith("engine.contextLength: ", StringComparison.Ordinal)).Change;
        var context = long.Parse(change["engine.contextLength: ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(context is > 16_384 and < 131_072);
        Assert.True(Plan(Request(SyntheticModels.Llama8B, context), Nvidia("n", 1, "Tesla-T4", 15360)).Feasible);
    }

    [Fact]
    public void MaxNodes_refuses_and_suggests_the_count_that_fits()
    {
        NodeFacts[] nodes = [.. Enumerable.Range(0, 4).Select(i => Nvidia($"n-{i}", 1, "NVIDIA-GeForce-RTX-4090", 24564))];
        var plan = Plan(Request(SyntheticModels.Llama70B) with { MaxNodes = 2 }, nodes);
        Assert.False(plan.Feasible);
        Assert.Contains("maxNodes 2", plan.Message, StringComparison.Ordinal);
        Assert.Contains(plan.Suggestions, s => s.Change == "placement.maxNodes: 3");
    }

    [Fact]
    public void On_the_hosts_network_a_group_has_one_node_and_only_what_changes_that_is_suggested()
    {
        NodeFacts[] nodes = [.. Enumerable.Range(0, 4).Select(i => Nvidia($"n-{i}", 1, "NVIDIA-GeForce-RTX-4090", 24564))];
        var plan = Plan(Request(SyntheticModels.Llama70B) with { HostNetwork = true, MaxNodes = 8 }, nodes);
        Assert.False(plan.Feasible);
        Assert.Contains("network.hostNetwork", plan.Message, StringComparison.Ordinal);
        Assert.Contains(plan.Suggestions, s => s.Change == "network.hostNetwork: false");
        Assert.DoesNotContain(plan.Suggestions, s => s.Change.StartsWith("placement.maxNodes", StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_given_by_the_user_stands_in_place_of_the_estimate()
    {
        // 40 GiB of weights would need two cards of 24 GiB.
        var one = Nvidia("n", 1, "NVIDIA-GeForce-RTX-4090", 24564);
        var request = Request(SyntheticModels.Llama70B) with { MemoryOverride = Bytes.FromGiB(20) };
        var small = Planner.Plan(Build(one), request, []);
        Assert.True(small.Feasible);
        Assert.Equal(81, small.Groups[0].GpuLayers);

        var large = Plan(Request(SyntheticModels.Llama8B) with { MemoryOverride = Bytes.FromGiB(30) }, one);
        Assert.False(large.Feasible);
        Assert.Contains("30.0 GiB", large.Message, StringComparison.Ordinal);
        Assert.Contains(large.Suggestions, s => s.Change == "placement.memory.override: leave it out");

        // Three cards hold 30 GiB in equal shares.
        var three = Planner.Plan(Build(Nvidia("n", 3, "NVIDIA-GeForce-RTX-4080", 12288)), request with { MemoryOverride = Bytes.FromGiB(30) }, []);
        Assert.Equal(3, three.Groups[0].LayersPerDevice.Length);
        Assert.False(Planner.Plan(Build(Nvidia("n", 3, "NVIDIA-GeForce-RTX-4080", 12288)), request with { MemoryOverride = Bytes.FromGiB(34) }, []).Feasible);
    }

    [Fact]
    public void A_reserve_above_the_GPUs_memory_leaves_nothing_usable()
    {
        var plan = Plan(Request(SyntheticModels.Llama8B) with { ReservePerGpu = new Bytes(1L << 56) }, Nvidia("n", 2));
        Assert.Contains("usable 0", Assert.Single(plan.Rejected).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_memory_that_pods_ask_for_is_counted_although_they_need_less()
    {
        var request = Request(SyntheticModels.Llama8B) with { LeastHostMemory = Bytes.FromGiB(40) };
        Assert.Equal(Bytes.FromGiB(40), Plan(request, Nvidia("n", 1)).Groups[0].Leader.HostMemory);
        var plan = Plan(request with { LeastHostMemory = Bytes.FromGiB(40_000) }, Nvidia("n", 1));
        Assert.Equal(RejectionReasons.HostMemory, Assert.Single(plan.Rejected).Reason);
    }

    [Fact]
    public void A_leader_that_does_not_exist_or_cannot_lead_is_refused_by_name()
    {
        var request = Request(SyntheticModels.Llama8B);
        Assert.Contains("no node nowhere", Plan(request with { LeaderNode = "nowhere" }, Nvidia("n", 1)).Message, StringComparison.Ordinal);
        var cpu = Plan(request with { LeaderNode = "cpu" }, Nvidia("n", 1), CpuOnly("cpu"));
        Assert.Contains("has no GPU", cpu.Message, StringComparison.Ordinal);
        Assert.Contains(cpu.Suggestions, s => s.Change.StartsWith("placement.leader", StringComparison.Ordinal));
    }

    [Fact]
    public void The_leaders_host_memory_and_CPU_limit_the_plan()
    {
        var request = Request(SyntheticModels.Llama8B) with { CpuRequestMillis = 8000 };
        var memory = Plan(request with { HostMemoryMargin = Bytes.FromGiB(2) }, Nvidia("n", 1, hostGiB: 1));
        Assert.Equal(RejectionReasons.HostMemory, Assert.Single(memory.Rejected).Reason);
        var cpu = Plan(request, Nvidia("n", 1, cpuMillis: 4000));
        Assert.Equal(RejectionReasons.HostCpu, Assert.Single(cpu.Rejected).Reason);
        var offload = Plan(Request(SyntheticModels.Llama70B) with { CpuOffload = true }, Nvidia("n", 1, "NVIDIA-L4", 23034, hostGiB: 16));
        Assert.Equal(RejectionReasons.HostMemory, Assert.Single(offload.Rejected).Reason);
        Assert.Contains("layers that its GPUs leave to the CPU", offload.Rejected[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replicas_never_share_a_GPU_and_assumed_uses_count()
    {
        var request = Request(SyntheticModels.Llama8B) with { Replicas = 3 };
        NodeFacts[] nodes = [Nvidia("a", 2), Nvidia("b", 1)];
        var plan = Plan(request, nodes);
        Assert.True(plan.Feasible);
        Assert.Equal(["a", "a", "b"], plan.Groups.Select(g => g.Leader.Node).Order(StringComparer.Ordinal));

        var next = Planner.Plan(Build(nodes), request with { Replicas = 1 }, [.. plan.Groups.SelectMany(g => g.Uses())]);
        Assert.False(next.Feasible);
        Assert.All(next.Rejected, r => Assert.Equal(RejectionReasons.AllGpusTaken, r.Reason));

        var four = Plan(request with { Replicas = 4 }, nodes);
        Assert.False(four.Feasible);
        Assert.Equal(3, four.Groups.Length);
        Assert.Contains(four.Suggestions, s => s.Change == "replicas: 3");
    }

    [Fact]
    public void Scope_is_obeyed()
    {
        var request = Request(SyntheticModels.Llama8B);
        NodeFacts[] nodes = [Nvidia("a", 2), Nvidia("b", 2)];
        var multi = Plan(request with { Scope = PlacementScope.MultiNode }, nodes);
        Assert.Single(multi.Groups[0].Workers);
        Assert.Equal(2, multi.Groups[0].LayersPerDevice.Length);
        var single = Plan(Request(SyntheticModels.Llama70B) with { Scope = PlacementScope.SingleGpu }, nodes);
        Assert.False(single.Feasible);
        Assert.Contains(single.Suggestions, s => s.Change == "placement.scope: Auto");
    }

    [Fact]
    public void MixedGpus_Forbidden_keeps_to_one_product()
    {
        NodeFacts[] nodes = [Nvidia("a", 1), Nvidia("b", 1, "NVIDIA-A40"), Nvidia("c", 1, "NVIDIA-A40")];
        var request = Request(SyntheticModels.Llama70B);
        var plan = Plan(request with { MixedGpus = false }, nodes);
        Assert.Equal(["b", "c"], plan.Groups[0].Workers.Append(plan.Groups[0].Leader).Select(n => n.Node).Order(StringComparer.Ordinal));
        Assert.False(Plan(request with { MixedGpus = false }, nodes[..2]).Feasible);
        Assert.True(Plan(request, nodes[..2]).Feasible);
    }

    [Fact]
    public void Few_network_domains_are_preferred()
    {
        NodeFacts[] nodes = [Nvidia("a", 1, rack: "r1"), Nvidia("b", 1, rack: "r2"), Nvidia("c", 1, rack: "r3"), Nvidia("d", 1, rack: "r2")];
        var group = Plan(Request(SyntheticModels.Llama70B), nodes).Groups[0];
        Assert.Equal(["b", "d"], group.Nodes.Select(n => n.Node));
        Assert.True(Plan(Request(SyntheticModels.Llama70B), nodes[..3]).Feasible);
        var hosts = Plan(Request(SyntheticModels.Llama70B) with { TopologyKey = "kubernetes.io/hostname" }, nodes).Groups[0];
        Assert.Equal(["a", "b"], hosts.Nodes.Select(n => n.Node));
    }

    [Fact]
    public void A_group_uses_one_share_per_node_and_never_a_whole_GPU_for_it()
    {
        var shared = Nvidia("s", 8, "NVIDIA-L40S-SHARED") with { };
        var labels = new Dictionary<string, string>(shared.Labels, StringComparer.Ordinal) { ["nvidia.com/gpu.replicas"] = "4" };
        var plan = Plan(Request(SyntheticModels.Llama70B) with { CpuOffload = true }, shared with { Labels = labels });
        Assert.Equal(1, plan.Groups[0].Leader.Gpus);
        Assert.Equal(Bytes.FromMiB(46068).Value / 4, plan.Groups[0].Leader.Vram.Value);
    }

    [Fact]
    public void Node_wishes_are_reasons_with_counts()
    {
        var tainted = Nvidia("t", 1) with { Taints = [new NodeTaint("dedicated", "research", "NoSchedule")] };
        NodeFacts[] nodes =
        [
            Nvidia("ok", 1), tainted, Nvidia("down", 1) with { Ready = false }, Nvidia("cordoned", 1) with { Unschedulable = true },
            CpuOnly("cpu-0"), CpuOnly("cpu-1"), CpuOnly("cpu-2"), CpuOnly("cpu-3"), Nvidia("unknown", 1, "NVIDIA-X1", 0),
            new NodeFacts { Name = "dra", DraGpus = 4 }, Nvidia("old", 1, "Tesla-T4", 15360),
        ];
        var fleet = FleetBuilder.Build(nodes, [Pod("old", 1)], ProductTable.Default);
        var request = Request(SyntheticModels.Llama8B);
        var plan = Planner.Plan(fleet, request, []);
        PlanChecks.Hold(plan, fleet, request);
        var counts = plan.Rejected.ToDictionary(r => r.Reason, r => r.Nodes, StringComparer.Ordinal);
        Assert.Equal(4, counts[RejectionReasons.NoGpu]);
        foreach (var reason in new[]
                 {
                     RejectionReasons.Taint, RejectionReasons.NotReady, RejectionReasons.Cordoned, RejectionReasons.NoMemoryLabel,
                     RejectionReasons.DraOnly, RejectionReasons.AllGpusTaken,
                 })
            Assert.Equal(1, counts[reason]);
        Assert.True(Planner.Plan(fleet, request with { Tolerations = [new Toleration { Key = "dedicated", Operator = "Exists" }] }, [])
            .Rejected.All(r => r.Reason != RejectionReasons.Taint));
        var selected = Planner.Plan(fleet, request with { GpuSelector = new GpuSelector { Products = ["A100"] } }, []);
        Assert.False(selected.Feasible);
        Assert.Contains(selected.Rejected, r => r.Reason == RejectionReasons.GpuSelector);
        var labelled = Planner.Plan(fleet, request with { NodeSelector = new Dictionary<string, string>(StringComparer.Ordinal) { ["pool"] = "x" } }, []);
        Assert.Contains(labelled.Rejected, r => r.Reason == RejectionReasons.NodeSelector);
    }

    [Fact]
    public void Replicas_are_placed_together_where_one_after_another_would_strand_the_last()
    {
        // 48 GB of weights: any two of these hold them together, but not the two smallest.
        NodeFacts[] nodes = [Nvidia("a", 1, "NVIDIA-A40", 40_000), Nvidia("b", 1, "NVIDIA-A40", 36_000), Nvidia("c", 1, "NVIDIA-A40", 24_000), Nvidia("d", 1, "NVIDIA-A40", 22_000)];
        Assert.False(Plan(Request(SyntheticModels.Llama70B), nodes[2], nodes[3]).Feasible);

        var plan = Plan(Request(SyntheticModels.Llama70B) with { Replicas = 2 }, nodes);

        Assert.True(plan.Feasible, plan.Message);
        Assert.Equal(["a", "b"], plan.Groups.Select(g => g.Leader.Node).Order(StringComparer.Ordinal));
    }
}
