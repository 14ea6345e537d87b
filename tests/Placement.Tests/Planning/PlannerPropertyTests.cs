using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

public sealed class PlannerPropertyTests
{
    /// <summary>Few blocks keep the brute force quick; their sizes still make fleets of every outcome.</summary>
    private static readonly LlamaCppModel s_model = SyntheticModels.Dense("tiny", 11, 4096, 14336, 32, 8, 128, 32_000, 4);

    private static readonly (string Product, int MemoryMiB)[] s_products =
        [("NVIDIA-L4", 4096), ("NVIDIA-GeForce-RTX-4080", 6144), ("NVIDIA-A40", 8192), ("NVIDIA-L40S", 12288), ("Tesla-T4", 3072)];

    private static readonly Gen<TinyNode[]> s_fleets =
        from count in Gen.Choose(1, 4)
        from nodes in Gen.ArrayOf(
            from product in Gen.Elements(s_products)
            from gpus in Gen.Choose(1, 3)
            select new TinyNode("", gpus, product.MemoryMiB, product.Product), count)
        select nodes.Select((n, i) => n with { Name = $"n-{i}" }).ToArray();

    private static readonly Gen<PlacementRequest> s_requests =
        from context in Gen.Elements(512L, 4096L, 16_384L)
        from maxNodes in Gen.Elements<int?>(null, null, 1, 2, 3)
        from leader in Gen.Elements<string?>(null, null, null, "n-0")
        from spread in Gen.Elements(PlacementStrategy.Pack, PlacementStrategy.Spread)
        select new PlacementRequest
        {
            Name = "random",
            Model = s_model,
            Options = SyntheticModels.Context(context),
            MaxNodes = maxNodes,
            LeaderNode = leader,
            Strategy = spread,
            ReservePerGpu = Bytes.FromMiB(256),
        };

    [Fact]
    public void Planner_agrees_with_brute_force_on_feasibility_and_node_count()
    {
        var feasible = 0;
        var several = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(
            s_fleets.ToArbitrary(), s_requests.ToArbitrary(), (nodes, request) =>
            {
                var fleet = FleetOf(nodes);
                var plan = Planner.Plan(fleet, request, []);
                PlanChecks.Hold(plan, fleet, request);
                var nodesUsed = plan.Feasible ? plan.Groups[0].Workers.Length + 1 : (int?)null;
                feasible += plan.Feasible ? 1 : 0;
                several += nodesUsed > 1 ? 1 : 0;
                Assert.Equal(ReferencePlanner.FewestNodes(nodes, request), nodesUsed);
            }));
        // The cases must not be trivial.
        Assert.InRange(feasible, 50, 390);
        Assert.True(several > 30);
    }

    [Fact]
    public void Plans_with_CPU_offload_never_hold_less_on_GPUs_than_one_node_could() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(s_fleets.ToArbitrary(), s_requests.ToArbitrary(), (nodes, request) =>
        {
            var fleet = FleetOf(nodes);
            var offload = request with { CpuOffload = true };
            var plan = Planner.Plan(fleet, offload, []);
            PlanChecks.Hold(plan, fleet, offload);
            foreach (var node in nodes.Where(n => request.LeaderNode is null || n.Name == request.LeaderNode))
            {
                var alone = Planner.Plan(FleetOf([node]), offload with { LeaderNode = null }, []);
                Assert.True(!alone.Feasible || plan.Groups[0].GpuLayers >= alone.Groups[0].GpuLayers);
            }
        }));

    [Fact]
    public void Shuffled_input_gives_the_same_plan() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(s_fleets.ToArbitrary(), s_requests.ToArbitrary(), (nodes, request) =>
        {
            var wanted = request with { Replicas = 2, CpuOffload = true };
            var plan = Planner.Plan(FleetOf(nodes), wanted, []);
            var shuffled = Planner.Plan(FleetOf([.. nodes.Reverse()]), wanted, []);
            Assert.Equal(plan.Groups.Select(g => g.Hash), shuffled.Groups.Select(g => g.Hash));
            Assert.Equal(Describe(plan), Describe(shuffled));
        }));

    [Fact]
    public void Replicas_are_planned_without_ever_sharing_a_device() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(
            s_fleets.ToArbitrary(), s_requests.ToArbitrary(), Gen.Choose(0, 4).ToArbitrary(), (nodes, request, replicas) =>
            {
                var fleet = FleetOf(nodes);
                PlanChecks.Hold(Planner.Plan(fleet, request with { Replicas = replicas }, []), fleet, request with { Replicas = replicas });
            }));

    private static Fleet FleetOf(IEnumerable<TinyNode> nodes) => Build([.. nodes.Select(n => Nvidia(n.Name, n.Gpus, n.Product, n.MemoryMiB))]);

    private static string Describe(PlacementPlan plan) => string.Join(
        '\n', plan.Rejected.Select(r => $"{r.Reason} {r.Nodes} {string.Join(',', r.Examples)} {r.Message}").Concat(plan.Suggestions.Select(s => $"{s.Change} {s.Effect}")));
}
