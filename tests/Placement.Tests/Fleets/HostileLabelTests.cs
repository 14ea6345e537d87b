using FsCheck;
using FsCheck.Fluent;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using GpuStack.Placement.Tests.Planning;

namespace GpuStack.Placement.Tests.Fleets;

public sealed class HostileLabelTests
{
    private static readonly string[] s_keys =
    [
        "nvidia.com/gpu.product", "nvidia.com/gpu.memory", "nvidia.com/gpu.count", "nvidia.com/gpu.replicas", "nvidia.com/gpu.compute.major",
        "nvidia.com/gpu.compute.minor", "nvidia.com/gpu.sharing-strategy", "nvidia.com/mig-1g.5gb.memory", "nvidia.com/mig-1g.5gb.product",
        "nvidia.com/mig-1g.5gb.replicas", "amd.com/gpu.vram", "amd.com/gpu.product-name", "beta.amd.com/gpu.vram.64G", "beta.amd.com/gpu.vram.",
        "gpu.intel.com/product", "gpu.intel.com/device.count", "inference.gpustack.io/gpu-memory", HamiRegistration.Annotation,
        "node.kubernetes.io/npu.chip.name", "topology.kubernetes.io/rack", "nvidia.com/cuda.driver.major",
    ];

    private static readonly string[] s_values =
    [
        "", "0", "1", "-1", "4", "99999999999999999999", "9223372036854775807", "46068", "64G", "64Gi", "G", "Gi", "1e9", "NaN", "0x10", "٤٢", "24Gi",
        "0.0000001Ti", "79228162514264337593543950335", "A100-SXM4-40GB-MIG-1g.5gb", "A100-MIG-", "-MIG-.gb", "MIG-9.999999gb", "-SHARED",
        "NVIDIA-L40S-SHARED", "a,b,c,d,e,f,g:", ",,,,,,:,,,", "GPU-1,0,0,0,x", "GPU-1,2,32768,100,T4,0,true:", "[", "[1,2]", "[{}]", "{}",
        """[{"count":"x","devmem":-1}]""", """[{"count":2,"devmem":16384,"type":null}]""", "time-slicing", "mps", "\0\u0001", new string('9', 5000), "☃",
    ];

    private static readonly string[] s_resources =
    [
        "nvidia.com/gpu", "nvidia.com/gpu.shared", "nvidia.com/mig-1g.5gb", "nvidia.com/mig-", "amd.com/gpu", "amd.com/cpx_nps4", "gpu.intel.com/xe",
        "huawei.com/Ascend910B3", "huawei.com/Ascend310P-memory", "cambricon.com/mlu", "cpu", "memory", "pods",
    ];

    private static readonly long[] s_amounts = [0, 1, 2, 8, -1, 110, 64_000, long.MaxValue, long.MinValue, 1L << 40];

    private static Gen<Dictionary<string, TValue>> MapOf<TValue>(string[] keys, Gen<TValue> values) =>
        Gen.ListOf(from key in Gen.Elements(keys) from value in values select (key, value))
            .Select(pairs => pairs.GroupBy(p => p.key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().value, StringComparer.Ordinal));

    private static readonly Gen<string> s_texts = Gen.OneOf(
        Gen.Elements(s_values), ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""));

    private static readonly Gen<NodeFacts> s_nodes =
        from labels in MapOf(s_keys, s_texts)
        from annotations in MapOf(s_keys, s_texts)
        from allocatable in MapOf(s_resources, Gen.Elements(s_amounts))
        select new NodeFacts { Name = "n", Labels = labels, Annotations = annotations, Allocatable = allocatable };

    private static readonly Gen<PodFacts> s_pods =
        from requests in MapOf(s_resources, Gen.Elements(s_amounts))
        select new PodFacts { Name = "p", Node = "n", Requests = requests };

    [Fact]
    public void Labels_of_strangers_never_break_the_fleet_or_a_plan() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(s_nodes.ToArbitrary(), Gen.ListOf(s_pods).ToArbitrary(), (node, pods) =>
        {
            var fleet = FleetBuilder.Build([node], pods, ProductTable.Default);
            foreach (var device in Assert.Single(fleet.Nodes).Devices)
            {
                Assert.InRange(device.MemoryPerGpu.Value, 0, 16L << 40);
                Assert.InRange(device.Free, 0, device.Allocatable);
                Assert.InRange(device.Allocatable, 1, LabelValues.MaxUnits);
                Assert.True(device.Product.Length <= 300);
            }

            var request = new PlacementRequest { Name = "r", Launch = SyntheticModels.Launch(SyntheticModels.Llama8B, 2048), CpuOffload = true };
            PlanChecks.Hold(Planner.Plan(fleet, request, []), fleet, request);
        }));

    [Fact]
    public void Sums_over_nodes_that_state_more_than_64_bits_hold_are_still_told()
    {
        var nodes = Enumerable.Range(0, 600).Select(i => TestFleets.Nvidia($"n-{i}", LabelValues.MaxUnits, memoryMiB: 16 << 20)).ToArray();
        var request = new PlacementRequest
        {
            Name = "r",
            Launch = SyntheticModels.Launch(SyntheticModels.Llama8B, 2048),
            Scope = PlacementScope.MultiNode,
            HostNetwork = true,
        };
        Assert.Contains("on 600 nodes, within scope MultiNode", Planner.Decide(TestFleets.Build(nodes), request).Message, StringComparison.Ordinal);
    }
}
