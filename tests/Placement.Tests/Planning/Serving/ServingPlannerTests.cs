using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning.Serving;

public sealed class ServingPlannerTests
{
    private const string H100 = "NVIDIA-H100-80GB-HBM3";
    private const int H100MiB = 81_559;

    [Fact]
    public void A_model_that_one_GPU_holds_takes_one_GPU()
    {
        var group = Only(Build(Nvidia("a", 4), Nvidia("b", 2)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama8B)));

        Assert.Equal(("b", 1), (group.Leader.Node, group.Leader.Gpus));
        Assert.Equal(new ParallelSizes(1, 1), group.Parallelism);
        Assert.Equal([32], group.LayersPerDevice);
        Assert.Empty(group.Workers);
    }

    [Fact]
    public void Spread_takes_the_node_with_the_largest_pool() =>
        Assert.Equal("a", Only(Build(Nvidia("a", 4), Nvidia("b", 2)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama8B)) with { Strategy = PlacementStrategy.Spread }).Leader.Node);

    [Fact]
    public void A_model_that_two_GPUs_of_a_node_hold_is_shared_between_them()
    {
        var group = Only(Build(Nvidia("a", 8, H100, H100MiB)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)));

        Assert.Equal(2, group.Leader.Gpus);
        Assert.Equal(2, group.Parallelism.Tensor * group.Parallelism.Pipeline);
        Assert.Equal(Bytes.FromMiB(H100MiB) * 2, group.Leader.Vram);
        Assert.Equal(new Bytes((long)(Bytes.FromMiB(H100MiB).Value * 0.9)), group.Leader.UsableBytesPerGpu);
        Assert.Equal(0.9, group.MemoryFraction);
    }

    [Fact]
    public void Over_several_nodes_stages_stay_inside_a_node_and_the_leader_has_the_first()
    {
        var group = Only(Build(Nvidia("a", 2), Nvidia("b", 4), Nvidia("c", 2)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { TensorParallel = 2, Scope = PlacementScope.MultiNode, Strategy = PlacementStrategy.Spread });

        Assert.Equal("b", group.Leader.Node);
        Assert.Equal(["a"], group.Workers.Select(w => w.Node));
        Assert.Equal(new ParallelSizes(2, 2), group.Parallelism);
        Assert.Equal([40, 40, 40, 40], group.LayersPerDevice);
        Assert.Equal([0, 0, 40, 40], group.Estimate.Devices.Take(4).Select(d => d.FirstLayer));
    }

    [Fact]
    public void A_slow_network_between_the_nodes_shows_in_the_speed()
    {
        var request = Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { TensorParallel = 2, Scope = PlacementScope.MultiNode };
        NodeFacts[] usual = [Nvidia("a", 2), Nvidia("b", 2)];
        NodeFacts[] slow = [usual[0], usual[1] with { Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [NodeNetwork.LatencyAnnotation] = "50ms" } }];

        var (fast, slower) = (Only(Build(usual), request).PredictedTokensPerSecond!.Value, Only(Build(slow), request).PredictedTokensPerSecond!.Value);
        Assert.Equal(49.8, (1000 / slower) - (1000 / fast), 3);
    }

    [Theory]
    [InlineData("550.54.15", "550.107.02", true)]
    [InlineData("550.54.15", "535.129.03", false)]
    [InlineData("550.54.15", null, false)]
    [InlineData(null, null, true)]
    public void A_group_has_one_driver_major_and_an_unknown_driver_keeps_to_itself(string? one, string? other, bool together)
    {
        ServingNode[] nodes = [Small("a", 4, one), Small("b", 4, other)];
        var plan = Planner.Plan(Fleet(nodes), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)), []);

        Assert.Equal(together, plan.Feasible);
        if (together)
            return;
        var mismatch = Assert.Single(plan.Rejected.DistinctBy(r => r.Reason));
        Assert.Equal(RejectionReasons.DriverMismatch, mismatch.Reason);
        Assert.Contains("needs one driver", mismatch.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("550.54.15", "535.129.03", "535 550")]
    [InlineData("550.54.15", null, " 550")]
    public void Where_the_installation_lets_drivers_differ_the_plan_names_them(string? one, string? other, string expected)
    {
        ServingNode[] nodes = [Small("a", 4, one), Small("b", 4, other)];

        var plan = Planner.Plan(Fleet(nodes), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { DriversMayDiffer = true }, []);

        Assert.True(plan.Feasible, plan.Message);
        var group = plan.Groups.Single();
        Assert.Equal(expected, string.Join(' ', group.Nodes.Select(node => node.DriverMajor).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_group_has_one_product_although_mixed_GPUs_are_allowed()
    {
        var plan = Planner.Plan(Build(Nvidia("a", 2), Nvidia("b", 2, "NVIDIA-A40", 46_068)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)), []);

        Assert.False(plan.Feasible);
        Assert.All(plan.Rejected, r => Assert.Equal(RejectionReasons.TooSmall, r.Reason));
        Assert.Contains("tensor 2 × pipeline 1 on 2 x", plan.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_of_one_rack_are_preferred()
    {
        var group = Only(
            Build(Nvidia("a", 4, rack: "1"), Nvidia("b", 4, rack: "2"), Nvidia("c", 4, rack: "2")),
            Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { Scope = PlacementScope.MultiNode });

        Assert.Equal(["b", "c"], group.Workers.Append(group.Leader).Select(n => n.Node).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_leader_that_the_user_names_leads_although_its_pool_is_smaller()
    {
        var group = Only(
            Build(Nvidia("a", 2), Nvidia("b", 4)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { Scope = PlacementScope.MultiNode, LeaderNode = "a" });

        Assert.Equal("a", group.Leader.Node);
        Assert.Equal(["b"], group.Workers.Select(w => w.Node));
    }

    [Fact]
    public void The_host_network_may_span_nodes()
    {
        var request = Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { HostNetwork = true };

        Assert.Single(Only(Build(Nvidia("a", 2), Nvidia("b", 2)), request).Workers);
        Assert.False(Planner.Plan(Build(Nvidia("a", 2), Nvidia("b", 2)), request with { MaxNodes = 1 }, []).Feasible);
    }

    [Fact]
    public void Of_time_shares_a_node_gives_one_to_a_group()
    {
        var shared = Nvidia("a", 4, "NVIDIA-L40S-SHARED", 46_068, resource: "nvidia.com/gpu.shared");
        var labels = new Dictionary<string, string>(shared.Labels, StringComparer.Ordinal) { ["nvidia.com/gpu.replicas"] = "2" };
        var fleet = Build(shared with { Labels = labels });

        Assert.Equal(1, Only(fleet, Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama8B))).Leader.Gpus);
        Assert.False(Planner.Plan(fleet, Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)), []).Feasible);
    }

    [Theory]
    [InlineData(4, null, 4, 1)]
    [InlineData(8, null, 8, 1)]
    [InlineData(null, 2, 1, 2)]
    [InlineData(4, 1, 4, 1)]
    [InlineData(1, 4, 1, 4)]
    [InlineData(2, 3, 2, 3)]
    public void Sizes_that_the_user_gives_are_obeyed(int? tensor, int? pipeline, int expectedTensor, int expectedPipeline) => Assert.Equal(
        new ParallelSizes(expectedTensor, expectedPipeline),
        Only(
            Build(Nvidia("a", 8, H100, H100MiB)),
            Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { TensorParallel = tensor, PipelineParallel = pipeline }).Parallelism);

    [Theory]
    [InlineData(6, null, "engine.parallelism.tensor 6: Llama-3.1-70B has 64 attention heads, which 6 tensor-parallel ranks do not divide.")]
    [InlineData(null, 81, "engine.parallelism.pipeline 81: Llama-3.1-70B has 80 layers, too few for 81 pipeline stages.")]
    [InlineData(16, null, "engine.parallelism.tensor 16 needs 16 free GPUs of one node, free for it 8.")]
    [InlineData(1, 1, "tensor 1 × pipeline 1 on 1 x NVIDIA-H100-80GB-HBM3 (79.6 GiB each): Rank 0 needs")]
    [InlineData(8, 2, "engine.parallelism: tensor 8 × pipeline 2 needs more GPUs than the 8 free for it.")]
    public void Sizes_that_cannot_be_are_refused_in_one_sentence(int? tensor, int? pipeline, string message)
    {
        var plan = Planner.Plan(
            Build(Nvidia("a", 8, H100, H100MiB)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { TensorParallel = tensor, PipelineParallel = pipeline }, []);

        Assert.False(plan.Feasible);
        Assert.Contains(message, plan.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_memory_override_replaces_the_estimate()
    {
        var request = Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama8B));
        var fleet = Build(Nvidia("a", 8));

        Assert.Equal(4, Only(fleet, request with { MemoryOverride = Bytes.FromGiB(150) }).Leader.Gpus);
        var refused = Planner.Plan(fleet, request with { MemoryOverride = Bytes.FromGiB(400) }, []);
        Assert.Contains("placement.memory.override", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SGLang_leaves_room_for_what_its_fraction_does_not_count()
    {
        var fleet = Build(Nvidia("a", 1, "NVIDIA-L4", 23_034));
        var group = Only(fleet, Ask(SyntheticTransformers.Sglang(SyntheticTransformers.Llama8B)));
        var rank = group.Estimate.Devices[0];
        var visible = GpuProcess.VisibleMemory(Bytes.FromMiB(23_034));
        var pools = group.MemoryFraction!.Value * (visible - rank.Overhead).Value;

        Assert.InRange(pools + rank.Compute.Value + rank.Overhead.Value, visible.Value * 0.89, visible.Value * 0.9);
    }

    [Fact]
    public void A_fraction_that_the_user_gives_beats_the_utilization_and_is_refused_when_the_rest_does_not_fit()
    {
        var launch = SyntheticTransformers.Sglang(SyntheticTransformers.Llama8B);
        var fleet = Build(Nvidia("a", 1, "NVIDIA-L4", 23_034));

        Assert.Equal(0.8, Only(fleet, Ask(launch with { Options = launch.Options with { MemoryFractionStatic = 0.8 } })).MemoryFraction);
        var refused = Planner.Plan(fleet, Ask(launch with { Options = launch.Options with { MemoryFractionStatic = 0.99 } }), []);
        Assert.Contains("lower the memory fraction", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_small_GPU_vLLM_asks_for_what_is_free_at_most()
    {
        var launch = SyntheticTransformers.Vllm(SyntheticTransformers.Decoder("tiny", 4, 1024, 16, 4, 64, 2816, 32_000), 512);
        var group = Only(Build(Nvidia("a", 1, "Tesla-P4", 7611)), Ask(launch with { Options = launch.Options with { EnforceEager = true } }) with { MemoryUtilization = 1 });

        Assert.InRange(group.MemoryFraction!.Value, 0.9, 0.92);
    }

    [Fact]
    public void Replicas_take_what_the_ones_before_left()
    {
        var plan = Planner.Plan(Build(Nvidia("a", 4), Nvidia("b", 4)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { Replicas = 3 }, []);

        Assert.False(plan.Feasible);
        Assert.Equal(["a", "b"], plan.Groups.Select(g => g.Leader.Node));
        Assert.Equal("2 of 3 replicas fit; the free GPUs left do not hold another one.", plan.Message);
        Assert.Equal(2, plan.Groups.DistinctBy(g => g.Hash).Count());
    }

    [Fact]
    public void Hosts_too_small_for_a_pod_are_named()
    {
        var request = Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama8B)) with { HostMemoryMargin = Bytes.FromGiB(8), WorkerHostMemory = Bytes.FromGiB(2) };

        var plan = Planner.Plan(Build(Nvidia("a", 1, hostGiB: 4), Nvidia("b", 1, hostGiB: 1)), request, []);

        Assert.Equal([RejectionReasons.HostMemory, RejectionReasons.HostMemory], plan.Rejected.Select(r => r.Reason));
        Assert.Contains(plan.Rejected, r => r.Message.Contains("to lead", StringComparison.Ordinal));
    }

    [Fact]
    public void The_host_memory_of_a_pod_grows_with_its_GPUs()
    {
        var request = WithProcesses(SyntheticTransformers.Llama70B);

        var alone = Only(Build(Nvidia("a", 8, H100, H100MiB)), request with { TensorParallel = 8 });
        var two = Only(Build(Nvidia("a", 4, H100, H100MiB), Nvidia("b", 4, H100, H100MiB)), request with { TensorParallel = 4, Scope = PlacementScope.MultiNode });

        Assert.Equal(Bytes.FromGiB(2 + (8 * 2)), alone.Leader.HostMemory);
        Assert.Equal([Bytes.FromGiB(2 + (4 * 2)), Bytes.FromGiB(2 + (4 * 2))], two.Nodes.Select(node => node.HostMemory));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    public void Host_memory_that_the_user_gives_stands_in_place_of_the_margins(int gibibytes)
    {
        var request = WithProcesses(SyntheticTransformers.Llama70B) with { TensorParallel = 8, LeastHostMemory = Bytes.FromGiB(gibibytes) };

        Assert.Equal(Bytes.FromGiB(gibibytes), Only(Build(Nvidia("a", 8, H100, H100MiB)), request).Leader.HostMemory);
    }

    [Fact]
    public void A_node_with_too_little_memory_for_the_processes_of_the_GPUs_asked_for_is_refused()
    {
        var request = WithProcesses(SyntheticTransformers.Llama70B) with { TensorParallel = 8 };

        var plan = Planner.Plan(Build(Nvidia("a", 8, H100, H100MiB, hostGiB: 16), Nvidia("b", 8, H100, H100MiB, hostGiB: 18)), request, []);
        var none = Planner.Plan(Build(Nvidia("a", 8, H100, H100MiB, hostGiB: 16)), request, []);

        Assert.Equal("b", plan.Groups[0].Leader.Node);
        var rejected = Assert.Single(plan.Rejected);
        Assert.Equal((RejectionReasons.HostMemory, "needs 18.0 GiB of host memory for the processes of 8 GPUs, free 16.0 GiB"), (rejected.Reason, rejected.Message));
        Assert.EndsWith("on the node with the most, a: needs 18.0 GiB of host memory for the processes of 8 GPUs.", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_with_memory_for_some_of_its_GPUs_serves_with_those()
    {
        var group = Only(Build(Nvidia("a", 8, H100, H100MiB, hostGiB: 7)), WithProcesses(SyntheticTransformers.Llama70B));

        Assert.Equal((2, Bytes.FromGiB(6)), (group.Leader.Gpus, group.Leader.HostMemory));
    }

    [Fact]
    public void Beside_a_group_a_node_without_memory_for_as_many_GPUs_says_so()
    {
        var request = WithProcesses(SyntheticTransformers.Llama70B) with { TensorParallel = 4, Scope = PlacementScope.MultiNode };

        var plan = Planner.Plan(
            Build(Nvidia("a", 4, H100, H100MiB, hostGiB: 8), Nvidia("b", 4, H100, H100MiB), Nvidia("c", 4, H100, H100MiB)), request, []);

        Assert.Equal(["b", "c"], plan.Groups[0].Nodes.Select(node => node.Node));
        Assert.Equal((RejectionReasons.HostMemory, "needs 10.0 GiB of host memory for the processes of 4 GPUs, free 8.0 GiB"), (plan.Rejected[0].Reason, plan.Rejected[0].Message));
    }

    [Fact]
    public void Nodes_that_were_not_needed_say_so()
    {
        var plan = Planner.Plan(
            Build(Nvidia("a", 2), Nvidia("b", 2), Nvidia("c", 2), Nvidia("d", 1, "Tesla-T4", 15_360)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)), []);

        Assert.True(plan.Feasible);
        Assert.Equal([RejectionReasons.Constraint, RejectionReasons.NotNeeded], plan.Rejected.Select(r => r.Reason).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Beside_a_group_of_several_nodes_others_say_why_they_are_not_in_it()
    {
        ServingNode[] nodes =
        [
            Small("a", 4, "550.54.15"), Small("b", 4, "550.54.15"), Small("c", 4, "550.90.1"), Small("d", 4, "535.1.2"), Small("e", 1, "550.54.15"),
            Small("f", 4, "550.54.15") with { Product = "NVIDIA-A10", MemoryMiB = 15_000 },
        ];
        var fleet = Fleet(nodes);
        var request = Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { TensorParallel = 4 };
        var plan = Planner.Plan(fleet, request, []);

        Assert.Equal(["a", "b"], plan.Groups[0].Nodes.Select(n => n.Node));
        Assert.Equal(
            [RejectionReasons.NotNeeded, RejectionReasons.DriverMismatch, RejectionReasons.TooSmall, RejectionReasons.Constraint],
            new[] { "c", "d", "e", "f" }.Select(node => Planner.Explain(fleet, request, plan, node).Reason));
    }

    [Fact]
    public void What_would_help_is_suggested()
    {
        var changes = Planner.Plan(
            Build(Nvidia("a", 2), Nvidia("b", 2)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)) with { TensorParallel = 4 }, []).Suggestions.Select(s => s.Change).ToArray();

        Assert.Contains("engine.parallelism: leave the choice to the planner", changes);
        Assert.Contains(changes, change => change.StartsWith("add a node with 4 x", StringComparison.Ordinal));
        Assert.DoesNotContain("placement.cpuOffload: Allowed", changes);
    }

    [Fact]
    public void A_missing_leader_is_named()
    {
        var plan = Planner.Plan(Build(Nvidia("a", 2)), Ask(SyntheticTransformers.Vllm(SyntheticTransformers.Llama8B)) with { LeaderNode = "x" }, []);

        Assert.Equal("placement.leader.nodeName: there is no node x.", plan.Message);
    }

    private static PlacementRequest WithProcesses(ServedModel model) => Ask(SyntheticTransformers.Vllm(model)) with
    {
        HostMemoryMargin = Bytes.FromGiB(2),
        WorkerHostMemory = Bytes.FromGiB(2),
        HostMemoryPerGpu = Bytes.FromGiB(2),
    };

    private static PlacementRequest Ask(ModelLaunch launch) => new() { Name = "test", Launch = launch };

    private static GroupPlan Only(Fleet fleet, PlacementRequest request)
    {
        var plan = Planner.Plan(fleet, request, []);
        Assert.True(plan.Feasible, plan.Message);
        ServingPlanChecks.Hold(plan, fleet, request);
        return Assert.Single(plan.Groups);
    }

    private static ServingNode Small(string name, int gpus, string? driver) => new(name, gpus, "NVIDIA-L4", 23_034, driver, "r", 64_000, 256);

    private static Fleet Fleet(IEnumerable<ServingNode> nodes) => FleetBuilder.Build([.. nodes.Select(n => n.Facts())], [], ProductTable.Default);
}
