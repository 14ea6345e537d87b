using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Tests.Planning.Serving;

public sealed class ServingPropertyTests
{
    /// <summary>Few kinds, so that groups are often possible; one product comes with two memory sizes, as labels do.</summary>
    private static readonly (string Product, int MemoryMiB)[] s_products =
        [("NVIDIA-A40", 9216), ("NVIDIA-L4", 7168), ("NVIDIA-A40", 8900), ("NVIDIA-L40S", 12_288), ("Tesla-T4", 6144)];

    private static readonly Gen<ServingNode[]> s_fleets =
        from kinds in Gen.Elements(1, 1, 2, 3, 3, 5)
        from count in Gen.Elements(1, 2, 3, 4, 5, 6, 6)
        from nodes in Gen.ArrayOf(
            from product in Gen.Choose(0, kinds - 1)
            from gpus in Gen.Elements(1, 1, 2, 2, 3, 4)
            from driver in Gen.Elements("550.54.15", "550.107.02", "550.54.15", "550.107.02", "550.1", "535.1.2", null)
            from rack in Gen.Elements("a", "a", "b", "c")
            from cpu in Gen.Elements(64_000L, 64_000L, 64_000L, 64_000L, 64_000L, 64_000L, 600L, 100L)
            from host in Gen.Elements(256L, 256L, 256L, 256L, 256L, 256L, 3L, 1L)
            select new ServingNode("", gpus, s_products[product].Product, s_products[product].MemoryMiB, driver, rack, cpu, host), count)
        select nodes.Select((n, i) => n with { Name = $"n-{i}" }).ToArray();

    private static readonly Gen<PlacementRequest> s_requests =
        from launch in Gen.Elements<Func<long, int, ModelLaunch>>(
            (context, requests) => SyntheticTransformers.Vllm(SyntheticTransformers.Thirds, context, requests),
            (context, requests) => SyntheticTransformers.Vllm(SyntheticTransformers.Halves, context, requests),
            (context, requests) => SyntheticTransformers.Sglang(SyntheticTransformers.Thirds, context, requests))
        from context in Gen.Elements(512L, 4096L, 16_384L)
        from requests in Gen.Elements(1, 1, 2)
        from maxNodes in Gen.Elements<int?>(null, null, null, 1, 2, 3)
        from leader in Gen.Elements<string?>(null, null, null, "n-0")
        from strategy in Gen.Elements(PlacementStrategy.Pack, PlacementStrategy.Spread)
        from scope in Gen.Elements(PlacementScope.Auto, PlacementScope.Auto, PlacementScope.Auto, PlacementScope.SingleGpu, PlacementScope.SingleNode, PlacementScope.MultiNode)
        from tensor in Gen.Elements<int?>(null, null, null, null, null, null, 1, 2, 3, 4)
        from pipeline in Gen.Elements<int?>(null, null, null, null, null, null, 1, 2, 3, 6)
        select new PlacementRequest
        {
            Name = "random",
            Launch = launch(context, requests),
            MaxNodes = maxNodes,
            LeaderNode = leader,
            Strategy = strategy,
            Scope = scope,
            TensorParallel = tensor,
            PipelineParallel = pipeline,
            HostMemoryMargin = Bytes.FromGiB(4),
            WorkerHostMemory = Bytes.FromGiB(2),
            CpuRequestMillis = 1000,
            WorkerCpuRequestMillis = 500,
        };

    [Fact]
    public void Planner_agrees_with_brute_force_on_feasibility_nodes_racks_and_GPUs()
    {
        var (feasible, several, cases) = (0, 0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(s_fleets.ToArbitrary(), s_requests.ToArbitrary(), (nodes, request) =>
        {
            var fleet = FleetOf(nodes);
            var plan = Planner.Plan(fleet, request, []);
            ServingPlanChecks.Hold(plan, fleet, request);
            var reference = new ServingReference(request);
            var best = reference.Best(nodes);
            Assert.Equal(best is not null, plan.Feasible);
            cases++;
            if (best is not { } expected)
                return;
            feasible++;
            several += expected.Nodes > 1 ? 1 : 0;
            var group = plan.Groups[0];
            PlannedNode[] used = [group.Leader, .. group.Workers];
            Assert.Equal(expected.Nodes, used.Length);
            if (expected.Nodes == 1)
            {
                AssertPool(reference, nodes, request, group);
                return;
            }

            var racks = used.Select(n => nodes.Single(node => node.Name == n.Node).Rack).Distinct(StringComparer.Ordinal).Count();
            Assert.Equal((expected.Racks, expected.Gpus), (racks, used.Sum(n => n.Gpus)));
        }));
        // The cases must not be trivial.
        Assert.InRange(feasible, cases / 5, cases * 9 / 10);
        Assert.True(several > cases / 25, $"{several} of {cases} cases took several nodes");
    }

    [Fact]
    public void GPUs_that_the_host_has_no_memory_for_are_as_if_they_were_taken()
    {
        var (narrowed, placed) = (0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(
            s_fleets.ToArbitrary(), s_requests.ToArbitrary(), Gen.ArrayOf(Gen.Elements(2L, 3L, 4L, 5L, 256L), 6).ToArbitrary(), (nodes, request, hosts) =>
        {
            var wanted = request with { HostMemoryMargin = Bytes.FromGiB(1), WorkerHostMemory = Bytes.FromGiB(1), HostMemoryPerGpu = Bytes.FromGiB(1), Replicas = 2 };
            ServingNode[] given = [.. nodes.Select((n, i) => n with { HostGiB = hosts[i] })];
            ServingNode[] fewer = [.. given.Select(n => n with { Gpus = (int)Math.Min(n.Gpus, n.HostGiB - 1) })];
            var fleet = FleetOf(given);

            var plan = Planner.Plan(fleet, wanted, []);

            var one = wanted with { Replicas = 1 };
            Assert.Equal(Planner.Plan(FleetOf(fewer), one, []).Groups.Select(g => g.Hash), Planner.Plan(fleet, one, []).Groups.Select(g => g.Hash));
            // A second group finds what the first one's pods left of the memory.
            foreach (var use in plan.Groups.SelectMany(g => g.Uses()).GroupBy(u => u.Node, StringComparer.Ordinal))
                Assert.True(use.Sum(u => u.Memory.Value) <= fleet.Find(use.Key)!.FreeMemory.Value, $"{use.Key} is asked for more memory than it has");
            Assert.All(plan.Groups.SelectMany(g => g.Nodes), node => Assert.Equal(Bytes.FromGiB(1 + node.Gpus), node.HostMemory));
            narrowed += given.SequenceEqual(fewer) ? 0 : 1;
            placed += plan.Groups.IsEmpty ? 0 : 1;
        }));
        Assert.True(narrowed > 300 && placed > 150, $"{narrowed} fleets with too little memory, {placed} with a place");
    }

    [Fact]
    public void Replicas_never_share_a_GPU() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(s_fleets.ToArbitrary(), s_requests.ToArbitrary(), Gen.Choose(0, 4).ToArbitrary(), (nodes, request, replicas) =>
        {
            var (fleet, wanted) = (FleetOf(nodes), request with { Replicas = replicas });
            ServingPlanChecks.Hold(Planner.Plan(fleet, wanted, []), fleet, wanted);
        }));

    [Fact]
    public void Shuffled_input_gives_the_same_plan() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(s_fleets.ToArbitrary(), s_requests.ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (nodes, request, seed) =>
        {
            var wanted = request with { Replicas = 1 + (seed % 2) };
            var random = new Random(seed);
            var plan = Planner.Plan(FleetOf(nodes), wanted, []);
            var shuffled = Planner.Plan(FleetOf(nodes.OrderBy(_ => random.Next())), wanted, []);
            Assert.Equal(plan.Groups.Select(g => g.Hash), shuffled.Groups.Select(g => g.Hash));
            Assert.Equal(Describe(plan), Describe(shuffled));
        }));

    /// <summary>On one node the pool decides: the smallest that fits for Pack, the largest for Spread; then what makes the most of its GPUs.</summary>
    private static void AssertPool(ServingReference reference, ServingNode[] nodes, PlacementRequest request, GroupPlan group)
    {
        var one = reference.PoolsOfOneNode(nodes, oneGpu: true);
        var pools = one.Count > 0 ? one : reference.PoolsOfOneNode(nodes, oneGpu: false);
        var pool = request.Strategy == PlacementStrategy.Spread ? pools.Max(p => p.Key) : pools.Min(p => p.Key);
        Assert.Equal(pool, nodes.Single(n => n.Name == group.Leader.Node).Pool);
        Assert.Equal(Assert.Single(pools[pool]), group.Leader.Gpus);
    }

    private static Fleet FleetOf(IEnumerable<ServingNode> nodes) => FleetBuilder.Build([.. nodes.Select(n => n.Facts())], [], ProductTable.Default);

    private static string Describe(PlacementPlan plan) =>
        plan.Message + '\n' + string.Join('\n', plan.Rejected.Select(r => $"{r.Reason} {r.Nodes} {string.Join(',', r.Examples)} {r.Message}"));
}
