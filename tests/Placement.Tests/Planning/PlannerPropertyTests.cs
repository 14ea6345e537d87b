using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
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

    /// <summary>Healthy nodes, and some that are not, by the shares in which the digits fall.</summary>
    private static readonly Gen<NodeFacts[]> s_mixedFleets =
        from nodes in s_fleets
        from faults in Gen.ArrayOf(Gen.Choose(0, 11), nodes.Length)
        select nodes.Select((n, i) => Faulty(Nvidia(n.Name, n.Gpus, n.Product, n.MemoryMiB), faults[i])).ToArray();

    private static readonly Gen<PlacementRequest> s_requests =
        from context in Gen.Elements(512L, 4096L, 16_384L)
        from maxNodes in Gen.Elements<int?>(null, null, 1, 2, 3)
        from leader in Gen.Elements<string?>(null, null, null, "n-0")
        from spread in Gen.Elements(PlacementStrategy.Pack, PlacementStrategy.Spread)
        select new PlacementRequest
        {
            Name = "random",
            Launch = SyntheticModels.Launch(s_model, context),
            MaxNodes = maxNodes,
            LeaderNode = leader,
            Strategy = spread,
            ReservePerGpu = Bytes.FromMiB(256),
        };

    [Fact]
    public void Shuffled_input_gives_the_same_plan() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(s_mixedFleets.ToArbitrary(), s_requests.ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (nodes, request, seed) =>
        {
            // Labels, pods and uses come in any order too; every other case may leave layers to the host.
            var wanted = request with { Replicas = 1 + seed % 2, CpuOffload = seed % 4 < 2 };
            var pods = Pods(nodes, seed);
            AssumedUse[] uses = [.. nodes.Where((_, i) => (seed >> i) % 3 == 0).Select(n => new AssumedUse { Node = n.Name, ResourceName = "nvidia.com/gpu", Gpus = 1, CpuMillis = 500, Memory = Bytes.FromGiB(1) })];
            var plan = Planner.Plan(FleetBuilder.Build(nodes, pods, ProductTable.Default), wanted, uses);
            for (var i = 0; i < 3; i++)
            {
                var random = new Random(seed + i);
                var shuffled = Planner.Plan(
                    FleetBuilder.Build([.. nodes.OrderBy(_ => random.Next())], [.. pods.OrderBy(_ => random.Next())], ProductTable.Default), wanted, [.. uses.OrderBy(_ => random.Next())]);
                Assert.Equal(plan.Groups.Select(g => g.Hash), shuffled.Groups.Select(g => g.Hash));
                Assert.Equal(Describe(plan), Describe(shuffled));
            }
        }));

    [Fact]
    public void Nodes_of_every_fault_are_each_counted_once_and_other_pods_keep_what_they_have() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(s_mixedFleets.ToArbitrary(), s_requests.ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (nodes, request, seed) =>
        {
            var wanted = request with { Replicas = seed % 3, CpuOffload = seed % 2 == 0 };
            var fleet = FleetBuilder.Build(nodes, Pods(nodes, seed), ProductTable.Default);
            var plan = Planner.Plan(fleet, wanted, []);
            PlanChecks.Hold(plan, fleet, wanted);
            var faulty = nodes.Where(n => !n.Ready || n.Unschedulable || n.Taints.Length > 0).Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
            Assert.All(plan.Groups.SelectMany(g => g.Uses()), use => Assert.DoesNotContain(use.Node, faulty));
        }));

    [Fact]
    public void Every_suggestion_fits_when_it_is_followed()
    {
        var followed = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(s_mixedFleets.ToArbitrary(), s_requests.ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (nodes, request, seed) =>
        {
            var wanted = request with
            {
                Replicas = 1 + seed % 2,
                Launch = SyntheticModels.Launch(s_model, seed % 5 == 0 ? 131_072 : 8192),
                HostNetwork = seed % 7 == 0,
                MixedGpus = seed % 3 != 0,
                Scope = seed % 6 == 0 ? PlacementScope.SingleNode : PlacementScope.Auto,
                MemoryOverride = seed % 11 == 0 ? Bytes.FromGiB(100) : null,
            };
            foreach (var suggestion in Planner.Plan(FleetBuilder.Build(nodes, [], ProductTable.Default), wanted, []).Suggestions)
            {
                var (changed, added) = Follow(suggestion.Change, wanted);
                var plan = Planner.Plan(FleetBuilder.Build([.. nodes, .. added], [], ProductTable.Default), changed, []);
                Assert.True(plan.Feasible, $"{suggestion.Change}: {plan.Message}");
                followed++;
            }
        }));
        Assert.True(followed > 100);
    }

    [Fact]
    public void Replicas_are_planned_without_ever_sharing_a_device() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(
            s_fleets.ToArbitrary(), s_requests.ToArbitrary(), Gen.Choose(0, 4).ToArbitrary(), (nodes, request, replicas) =>
            {
                var fleet = FleetOf(nodes);
                PlanChecks.Hold(Planner.Plan(fleet, request with { Replicas = replicas }, []), fleet, request with { Replicas = replicas });
            }));

    /// <summary>Reads a suggestion as a user would.</summary>
    private static (PlacementRequest Request, NodeFacts[] Added) Follow(string change, PlacementRequest request)
    {
        var (field, value) = change.Split(": ", 2) is [var name, var rest] ? (name, rest) : (change, "");
        if (field.StartsWith("add a node with ", StringComparison.Ordinal))
        {
            var words = field.Split(' ');
            var product = words[6];
            var (_, memory) = s_products.FirstOrDefault(p => p.Product == product);
            return (request, [Nvidia("new", int.Parse(words[4], CultureInfo.InvariantCulture), product, memory > 0 ? memory : product == "L40S" ? 46068 : 81559)]);
        }

        return (field switch
        {
            "placement.leader" => request with { LeaderNode = null },
            "placement.scope" => request with { Scope = PlacementScope.Auto },
            "placement.maxNodes" => request with { MaxNodes = int.Parse(value, CultureInfo.InvariantCulture) },
            "network.hostNetwork" => request with { HostNetwork = false },
            "placement.memory.override" => request with { MemoryOverride = null },
            "placement.mixedGpus" => request with { MixedGpus = true },
            "placement.tolerations" => request with { Tolerations = request.Tolerations.Add(new Toleration { Key = "team", Value = "a", Effect = "NoSchedule" }) },
            "replicas" => request with { Replicas = int.Parse(value, CultureInfo.InvariantCulture) },
            "engine.contextLength" => request with { Launch = request.Launch.WithContext(new Tokens(long.Parse(value, CultureInfo.InvariantCulture))) },
            "engine.kvCacheType" => request with { Launch = request.Launch.WithSmallerCache()!.Value.Launch },
            "placement.cpuOffload" => request with { CpuOffload = true },
            _ => throw new InvalidOperationException($"unknown suggestion {change}"),
        }, []);
    }

    /// <summary>Pods of others, on some of the nodes.</summary>
    private static PodFacts[] Pods(NodeFacts[] nodes, int seed) => [.. nodes.Where((_, i) => (seed >> i) % 2 == 0).Select((n, i) => new PodFacts
    {
        Namespace = "other",
        Name = $"pod-{i}",
        Node = n.Name,
        Requests = new Dictionary<string, long>(StringComparer.Ordinal) { ["nvidia.com/gpu"] = 1, ["cpu"] = 2000, ["memory"] = 4L << 30 },
    })];

    private static Fleet FleetOf(IEnumerable<TinyNode> nodes) => Build([.. nodes.Select(n => Nvidia(n.Name, n.Gpus, n.Product, n.MemoryMiB))]);

    private static NodeFacts Faulty(NodeFacts node, int fault) => fault switch
    {
        0 => node with { Ready = false },
        1 => node with { Unschedulable = true },
        2 => node with { Taints = [new NodeTaint("team", "a", "NoSchedule")] },
        3 => CpuOnly(node.Name),
        _ => node,
    };

    private static string Describe(PlacementPlan plan) => string.Join(
        '\n', plan.Rejected.Select(r => $"{r.Reason} {r.Nodes} {string.Join(',', r.Examples)} {r.Message}").Concat(plan.Suggestions.Select(s => $"{s.Change} {s.Effect}")));
}
