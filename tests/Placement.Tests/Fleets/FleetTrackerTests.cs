using FsCheck;
using FsCheck.Fluent;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using GpuStack.Placement.Tests.Planning;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Fleets;

public sealed class FleetTrackerTests
{
    private static readonly PlacementRequest s_request =
        new() { Name = "any", Launch = SyntheticModels.Launch(SyntheticModels.Llama70B, 8192), CpuRequestMillis = 1000, Replicas = 2 };

    /// <summary>What may happen to a cluster of six nodes.</summary>
    private static readonly Gen<Step[]> s_histories =
        from length in Gen.Choose(1, 40)
        from steps in Gen.ArrayOf(
            from kind in Gen.Elements("node", "node", "remove", "pod", "pod", "end", "cordon", "plan")
            from node in Gen.Choose(0, 5)
            from number in Gen.Choose(0, 3)
            select new Step(kind, $"n-{node}", number), length)
        select steps;

    [Fact]
    public void A_fleet_kept_through_changes_equals_one_built_from_what_is_there_at_the_end() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(s_histories.ToArbitrary(), steps =>
        {
            var tracker = new FleetTracker(ProductTable.Default);
            var nodes = new Dictionary<string, NodeFacts>(StringComparer.Ordinal);
            var pods = new Dictionary<(string, int), PodFacts>();
            foreach (var (kind, node, number) in steps)
            {
                switch (kind)
                {
                    case "node":
                        nodes[node] = Node(node, number);
                        tracker.SetNode(nodes[node]);
                        break;
                    case "cordon" when nodes.TryGetValue(node, out var present):
                        nodes[node] = present with { Unschedulable = !present.Unschedulable };
                        tracker.SetNode(nodes[node]);
                        break;
                    case "remove":
                        nodes.Remove(node);
                        tracker.RemoveNode(node);
                        break;
                    case "pod" when pods.TryAdd((node, number), Held(node, number)):
                        tracker.Take(Held(node, number));
                        break;
                    case "end" when pods.Remove((node, number), out var ended):
                        tracker.Give(ended);
                        break;
                    case "plan":
                        // Makes indexes, which must then be kept too.
                        Planner.Decide(tracker.Fleet, s_request);
                        break;
                }
            }

            var built = FleetBuilder.Build(nodes.Values, pods.Values, ProductTable.Default);
            Assert.Equal(built.Nodes.Select(Describe), tracker.Fleet.Nodes.Select(Describe));
            Assert.Equal(PlanText.Of(Planner.Plan(built, s_request, [])), PlanText.Of(Planner.Plan(tracker.Fleet, s_request, [])));

            var without = FleetBuilder.Build(nodes.Values, pods.Values.Where(pod => pod.Name != "pod-1"), ProductTable.Default);
            Assert.Equal(without.Nodes.Select(Describe), tracker.Without(pods.Values.Where(pod => pod.Name == "pod-1")).Nodes.Select(Describe));
        }));

    [Fact]
    public void A_fleet_that_was_handed_out_never_changes()
    {
        var tracker = new FleetTracker(ProductTable.Default);
        tracker.SetNode(Nvidia("n-0", 2));
        var before = tracker.Fleet;

        tracker.Take(Pod("n-0", 2));
        tracker.SetNode(Nvidia("n-1", 2));

        Assert.Equal(2, Assert.Single(before.Nodes).FreeGpus);
        Assert.Equal([0, 2], tracker.Fleet.Nodes.Select(n => n.FreeGpus));
    }

    [Fact]
    public void What_pods_hold_is_known_before_their_node_is()
    {
        var tracker = new FleetTracker(ProductTable.Default);
        tracker.Take(Pod("n-0", 1));
        tracker.SetNode(Nvidia("n-0", 2));
        Assert.Equal(1, tracker.Fleet.Find("n-0")!.FreeGpus);
    }

    private static NodeFacts Node(string name, int number) => number switch
    {
        0 => Nvidia(name, 4, rack: "a"),
        1 => Nvidia(name, 2, "NVIDIA-H100-80GB-HBM3", 81_559, rack: "b"),
        2 => Nvidia(name, 1, hostGiB: 8),
        _ => Nvidia(name, 4) with { Taints = [new NodeTaint("team", "a", "NoSchedule")] },
    };

    private static PodFacts Held(string node, int number) => new()
    {
        Name = $"pod-{number}",
        Node = node,
        Requests = new Dictionary<string, long>(StringComparer.Ordinal) { ["nvidia.com/gpu"] = number, ["cpu"] = 500, ["memory"] = 3L << 30 },
    };

    private static string Describe(FleetNode node) =>
        $"{node.Name} {string.Join(',', node.Devices)} {node.FreeCpuMillis} {node.FreeMemory} {node.FreePods} {node.Problem}";

    private sealed record Step(string Kind, string Node, int Number);
}
