using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>Kinds of nodes come in the order of their hashes, which differ from process to process: no plan may depend on it.</summary>
public sealed class CohortOrderTests
{
    /// <summary>Free CPU makes no difference to these requests, but to the order in which kinds of nodes come.</summary>
    private static readonly long[] s_cpu = [.. Enumerable.Range(0, 24).Select(i => 64_000L + i)];

    [Fact]
    public void A_network_annotation_that_says_the_default_makes_no_difference() => Assert.All(s_cpu, cpu =>
    {
        var annotated = Nvidia("b", 1, cpuMillis: cpu) with
        {
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [NodeNetwork.LatencyAnnotation] = "0.2ms", [NodeNetwork.BandwidthAnnotation] = "10G" },
        };
        var plan = Planner.Plan(Build(annotated, Nvidia("a", 1, cpuMillis: cpu), Nvidia("c", 1, cpuMillis: cpu)), Request(SyntheticModels.Llama70B), []);
        Assert.Equal(["a", "b"], Assert.Single(plan.Groups).Workers.Append(plan.Groups[0].Leader).Select(n => n.Node).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Of_two_equal_kinds_of_slices_of_a_node_the_first_by_name_is_taken() => Assert.All(s_cpu, cpu =>
    {
        var fleet = Build(Sliced("a", cpu, "nvidia.com/mig-1g.10gb", "nvidia.com/mig-1g.10gb.me"), Sliced("b", 64_000, "nvidia.com/mig-1g.10gb.me"));
        var plan = Planner.Plan(fleet, Request(SyntheticModels.Llama8B), []);
        Assert.Equal(("a", "nvidia.com/mig-1g.10gb"), (plan.Groups[0].Leader.Node, plan.Groups[0].Leader.ResourceName));
    });

    [Fact]
    public void GPUs_of_one_product_that_differ_in_memory_are_suggested_in_order() => Assert.All(s_cpu, cpu =>
    {
        var fleet = Build(Nvidia("a", 1, "NVIDIA-L4", 23_034, cpu), Nvidia("b", 1, "NVIDIA-L4", 22_528));
        var added = Planner.Plan(fleet, Request(SyntheticModels.Llama70B), []).Suggestions.Where(s => s.Change.StartsWith("add a node", StringComparison.Ordinal));
        Assert.Equal(["add a node with 1 x NVIDIA-L4 (22.0 GiB each)", "add a node with 1 x NVIDIA-L4 (22.5 GiB each)"], added.Select(s => s.Change));
    });

    [Fact]
    public void Plans_made_at_a_time_on_one_fleet_count_every_node_once()
    {
        for (var round = 0; round < 100; round++)
        {
            var fleet = Build([.. Enumerable.Range(0, 50).Select(i => Nvidia($"n-{i}", 1))]);
            // More sets of labels than a fleet keeps indexes of.
            Parallel.For(0, 12, key => Assert.Equal(
                49, Planner.Decide(fleet, Request(SyntheticModels.Llama8B) with { TopologyKey = $"key-{key % 6}" }).Rejected.Sum(r => r.Nodes)));
        }
    }

    [Theory]
    [InlineData("latency")]
    [InlineData("taint")]
    [InlineData("driver")]
    public void What_may_differ_on_every_node_is_in_the_hash_of_its_profile(string difference)
    {
        var keys = new LabelKeys([]);
        var hashes = Enumerable.Range(100, 50).Select(i => new NodeProfile(Differing(difference, i), keys).GetHashCode());
        Assert.InRange(hashes.Distinct().Count(), 40, 50);
    }

    private static FleetNode Differing(string difference, int value)
    {
        var node = Nvidia("a", 1);
        node = difference switch
        {
            "latency" => node with { Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [NodeNetwork.LatencyAnnotation] = $"{value}us" } },
            "taint" => node with { Taints = [new NodeTaint("owner", $"team-{value}", "NoSchedule")] },
            _ => node with { Labels = new Dictionary<string, string>(node.Labels, StringComparer.Ordinal) { ["nvidia.com/cuda.driver-version.full"] = $"550.{value}" } },
        };
        return Build(node).Nodes[0];
    }

    private static NodeFacts Sliced(string name, long cpu, params string[] resources)
    {
        var node = Nvidia(name, 0, "NVIDIA-H100", cpuMillis: cpu);
        var (labels, allocatable) = (new Dictionary<string, string>(node.Labels, StringComparer.Ordinal), new Dictionary<string, long>(node.Allocatable, StringComparer.Ordinal));
        foreach (var resource in resources)
            (labels[resource + ".memory"], allocatable[resource]) = ("9728", 1);
        return node with { Labels = labels, Allocatable = allocatable };
    }

    private static PlacementRequest Request(LlamaCppModel model) =>
        new() { Name = "test", Launch = SyntheticModels.Launch(model, 8192), ReservePerGpu = Bytes.FromMiB(256) };
}
