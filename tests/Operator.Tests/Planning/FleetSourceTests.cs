using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Tests.Planning;

public class FleetSourceTests
{
    private static readonly DeploymentKey s_deployment = new("default", "small");

    /// <summary>What may happen to three nodes, six pods and the plans of two groups.</summary>
    private static readonly Gen<Step[]> s_histories =
        from length in Gen.Choose(1, 50)
        from steps in Gen.ArrayOf(
            from kind in Gen.Elements("node", "node", "node-goes", "pod", "pod", "pod", "pod", "pod-ends", "pod-goes", "plan", "plan", "no-plan")
            from name in Gen.Choose(0, 5)
            from node in Gen.Choose(0, 2)
            from variant in Gen.Choose(0, 3)
            from hash in Gen.Choose(0, 2)
            select new Step(kind, name, node, variant, hash), length)
        select steps;

    [Fact]
    public void A_fleet_kept_through_any_history_equals_one_computed_from_what_is_there_at_the_end() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(s_histories.ToArbitrary(), steps =>
        {
            var fleet = new FleetSource(ProductTable.Default);
            var there = new Cluster();
            foreach (var step in steps)
            {
                var freed = fleet.FreedVersion;
                var before = there.Fleet([]);
                there.Play(step, fleet);
                var after = there.Fleet([]);
                Assert.Equal(after.Nodes.Select(Describe), fleet.Current.Nodes.Select(Describe));
                if (after.Nodes.Any(node => before.Find(node.Name) is not { } old || old.FreeGpus < node.FreeGpus || old.FreeCpuMillis < node.FreeCpuMillis
                    || old.HostPorts.ExceptBy(node.HostPorts.Select(port => port.Port), port => port.Port).Any()))
                    Assert.True(fleet.FreedVersion > freed, $"{step} made something free, and nobody who waits was told");
            }

            Assert.Equal(there.GpuNodes, fleet.GpuNodes());
            foreach (var groups in (int[][])[[0], [1], [0, 1], [7]])
                Assert.Equal(there.Fleet(groups).Nodes.Select(Describe), fleet.Without(groups.Select(Key)).Nodes.Select(Describe));
        }));

    private static GroupKey Key(int group) => new(s_deployment, group);

    private static string Describe(FleetNode node) =>
        $"{node.Name} {string.Join(',', node.Devices)} {node.FreeCpuMillis} {node.FreeMemory} {node.FreePods} {node.Problem} {string.Join(',', node.HostPorts)}";

    private static string Hash(int number) => number switch { 0 => "one", 1 => "other", _ => "" };

    private static V1Node Node(Step step)
    {
        var node = Inputs.Nodes("n", 3, gpus: 4)[step.Node];
        switch (step.Variant)
        {
            case 1:
                node.Status!.Conditions = [new V1NodeCondition { Type = "Ready", Status = "False" }];
                break;
            case 2:
                node.Status!.Allocatable!.Remove("nvidia.com/gpu");
                break;
            case 3:
                node.Spec = new V1NodeSpec { Unschedulable = true };
                break;
            default:
                break;
        }
        return node;
    }

    /// <summary>Pods 0 and 1 are of group 0, pods 2 and 3 of group 1, the others of nobody. One in four is not bound to a node yet.</summary>
    private static V1Pod Pod(Step step)
    {
        var ours = step.Name < 4;
        return new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Namespace = "default",
                Name = $"pod-{step.Name}",
                Uid = $"{step.Name}-{step.Variant % 2}",
                Labels = ours
                    ? new() { [GroupLabels.Deployment] = "small", [GroupLabels.Group] = $"{step.Name / 2}", [GroupLabels.PlanHash] = Hash(step.Hash) }
                    : null,
            },
            Spec = new V1PodSpec
            {
                NodeName = step.Variant == 3 ? null : $"n-{step.Node}",
                Containers =
                [
                    new V1Container
                    {
                        Name = "engine",
                        Ports = step.Hash == 1 ? [new V1ContainerPort { HostPort = step.Variant == 2 ? 50053 : 8000 }] : null,
                        Resources = new V1ResourceRequirements { Requests = new() { ["nvidia.com/gpu"] = new Quantity("1"), ["cpu"] = new Quantity($"{1 + step.Hash}") } },
                    },
                ],
            },
            Status = new V1PodStatus { Phase = step.Kind == "pod-ends" ? "Succeeded" : "Running" },
        };
    }

    /// <summary>The plan follows from its hash, as in truth: a leader, and a worker beside it.</summary>
    private static PlannedGroup Plan(int group, string hash)
    {
        var first = hash == "one" ? group : 2;
        return new PlannedGroup
        {
            InputHash = "input",
            SourceKey = "source",
            Options = null!,
            Model = null!,
            Plan = new GroupPlan
            {
                Index = group,
                Leader = Planned($"n-{first}", 1),
                Workers = [Planned($"n-{(first + 1) % 3}", 2)],
                LayersPerDevice = [1, 1, 1],
                GpuLayers = 3,
                Estimate = null!,
                Hash = hash,
            },
        };
    }

    private static PlannedNode Planned(string node, int gpus) => new()
    {
        Node = node,
        Gpus = gpus,
        Vram = Bytes.FromGiB(24),
        Product = "NVIDIA-L4",
        ResourceName = "nvidia.com/gpu",
        Layers = [],
        UsableBytesPerGpu = Bytes.FromGiB(20),
        HostMemory = Bytes.FromGiB(3),
        CpuMillis = 700,
        HostPorts = gpus == 1 ? [8000, 50053] : null,
    };

    [Fact]
    public void A_dedicated_head_is_counted_by_itself_for_no_plan_says_where_it_stands()
    {
        var fleet = new FleetSource(ProductTable.Default);
        foreach (var node in Inputs.Nodes("n", 3, gpus: 4))
            fleet.SetNode(node);
        fleet.Follow(Key(0), Plan(0, "one"));
        var worker = Pod(new Step("pod", 0, 2, 0, 0));
        var head = Pod(new Step("pod", 1, 2, 0, 0));
        head.Metadata.Labels![GroupLabels.Role] = GroupLabels.HeadRole;
        head.Spec!.Containers![0].Ports = [new V1ContainerPort { HostPort = 6379 }];
        var before = fleet.Current.Find("n-2")!;

        fleet.SetPod(worker);
        Assert.Equal(before.FreeCpuMillis, fleet.Current.Find("n-2")!.FreeCpuMillis);
        fleet.SetPod(head);

        Assert.Equal(before.FreeCpuMillis - 1000, fleet.Current.Find("n-2")!.FreeCpuMillis);
        Assert.Equal([new HostPort(6379, "pod default/pod-1")], fleet.Current.Find("n-2")!.HostPorts);
    }

    /// <summary>What is there, and the rule applied to all of it at once.</summary>
    private sealed class Cluster
    {
        private readonly Dictionary<string, V1Node> _nodes = new(StringComparer.Ordinal);
        private readonly Dictionary<string, V1Pod> _pods = new(StringComparer.Ordinal);
        private readonly Dictionary<int, PlannedGroup> _plans = [];

        public (int All, int Ready) GpuNodes
        {
            get
            {
                var nodes = _nodes.Values.Where(node => node.Status!.Allocatable!.ContainsKey("nvidia.com/gpu")).ToList();
                return (nodes.Count, nodes.Count(FleetFacts.IsReady));
            }
        }

        public void Play(Step step, FleetSource fleet)
        {
            switch (step.Kind)
            {
                case "node":
                    _nodes[$"n-{step.Node}"] = Node(step);
                    fleet.SetNode(Node(step));
                    break;
                case "node-goes":
                    _nodes.Remove($"n-{step.Node}");
                    fleet.RemoveNode($"n-{step.Node}");
                    break;
                case "pod" or "pod-ends":
                    _pods[$"pod-{step.Name}"] = Pod(step);
                    fleet.SetPod(Pod(step));
                    break;
                case "pod-goes":
                    _pods.Remove($"pod-{step.Name}");
                    fleet.RemovePod(Pod(step));
                    break;
                case "plan":
                    // Only plans have a hash.
                    _plans[step.Name % 2] = Plan(step.Name % 2, Hash(step.Hash % 2));
                    fleet.Follow(Key(step.Name % 2), _plans[step.Name % 2]);
                    break;
                default:
                    _plans.Remove(step.Name % 2);
                    fleet.Follow(Key(step.Name % 2), null);
                    break;
            }
        }

        public Fleet Fleet(int[] without)
        {
            var pods = _pods.Values
                .Select(pod => (Pod: pod, Facts: FleetFacts.From(pod)))
                .Where(pod => pod.Facts is not null)
                .Where(pod => pod.Facts!.Group is not { } group
                    || (!without.Contains(group) && _plans.GetValueOrDefault(group)?.Hash != pod.Pod.Metadata.Labels![GroupLabels.PlanHash]))
                .Select(pod => pod.Facts!);
            var held = _plans.Where(plan => !without.Contains(plan.Key)).SelectMany(plan => plan.Value.Plan.Uses().Select(use => Held(plan.Key, use)));
            return FleetBuilder.Build(_nodes.Values.Select(FleetFacts.From), [.. pods, .. held], ProductTable.Default);
        }

        private static PodFacts Held(int group, AssumedUse use) => new()
        {
            Name = "plan",
            Node = use.Node,
            Requests = new Dictionary<string, long>(StringComparer.Ordinal)
            {
                [use.ResourceName] = use.Gpus,
                ["cpu"] = use.CpuMillis,
                ["memory"] = use.Memory.Value,
            },
            HostPorts = [.. (use.HostPorts ?? []).Select(port => new HostPort(port, $"group {group} of {s_deployment}"))],
        };
    }

    private sealed record Step(string Kind, int Name, int Node, int Variant, int Hash);
}
