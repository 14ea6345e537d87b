using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Fleets;

public sealed class FleetBuilderTests
{
    private static FleetNode One(NodeFacts node, params PodFacts[] pods) => Assert.Single(FleetBuilder.Build([node], pods, ProductTable.Default).Nodes);

    private static NodeFacts Labelled(string resource, int units, params (string Key, string Value)[] labels) => new()
    {
        Name = "n",
        Labels = labels.ToDictionary(l => l.Key, l => l.Value, StringComparer.Ordinal),
        Allocatable = Allocatable(resource, units),
    };

    [Fact]
    public void NVIDIA_memory_is_MiB_of_one_GPU()
    {
        var node = One(Nvidia("n", 2));
        Assert.Equal(Bytes.FromMiB(46068), node.MemoryPerGpu);
        Assert.Equal((2, 2, "nvidia", "nvidia.com/gpu"), (node.AllocatableGpus, node.FreeGpus, node.Vendor, node.ResourceName));
        Assert.Equal(new ComputeCapability(8, 9), node.ComputeCapability);
        Assert.Equal(864, node.Devices[0].BandwidthGBs);
        Assert.Null(node.Problem);
    }

    [Fact]
    public void A_missing_memory_label_is_filled_from_the_product_table_or_named()
    {
        Assert.Equal(Bytes.FromMiB(122880), One(Nvidia("n", 1, "NVIDIA-GB10", 0)).MemoryPerGpu);
        var unknown = One(Nvidia("n", 1, "NVIDIA-Something-New", 0));
        Assert.Equal(RejectionReasons.NoMemoryLabel, unknown.Problem?.Reason);
        var annotated = Nvidia("n", 1, "NVIDIA-Something-New", 0) with
        {
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["inference.gpustack.io/gpu-memory"] = "24Gi" },
        };
        Assert.Equal(Bytes.FromGiB(24), One(annotated).MemoryPerGpu);
    }

    [Theory]
    [InlineData("amd.com/gpu.vram", "64G")]
    [InlineData("beta.amd.com/gpu.vram.64G", "1")]
    public void AMD_memory_is_GiB_despite_its_suffix(string key, string value)
    {
        var node = One(Labelled("amd.com/gpu", 4, (key, value), ("amd.com/gpu.product-name", "Instinct_MI210")));
        Assert.Equal(Bytes.FromGiB(64), node.MemoryPerGpu);
        Assert.Equal(1638, node.Devices[0].BandwidthGBs);
    }

    [Fact]
    public void Intel_and_Ascend_memory_come_from_the_product_table()
    {
        Assert.Equal(Bytes.FromGiB(128), One(Labelled("gpu.intel.com/xe", 2, ("gpu.intel.com/product", "Max_1550"), ("gpu.intel.com/device.count", "2"))).MemoryPerGpu);
        Assert.Equal(Bytes.FromMiB(65536), One(Labelled("huawei.com/Ascend910B2", 8)).MemoryPerGpu);
        Assert.Equal("ascend", One(Labelled("huawei.com/Ascend910B2", 8)).Vendor);
    }

    [Theory]
    [InlineData("NVIDIA-L40S-SHARED", "4", "nvidia.com/gpu")]
    [InlineData("NVIDIA-L40S", "4", "nvidia.com/gpu.shared")]
    public void A_time_slice_has_its_part_of_the_memory(string product, string replicas, string resource)
    {
        var facts = Nvidia("n", 8, product, resource: resource);
        var node = One(facts with { Labels = new Dictionary<string, string>(facts.Labels, StringComparer.Ordinal) { ["nvidia.com/gpu.replicas"] = replicas } });
        Assert.Equal(DeviceUnit.Share, node.Devices[0].Unit);
        Assert.Equal(Bytes.FromMiB(46068).Value / 4, node.MemoryPerGpu.Value);
        Assert.Equal(1, node.Devices[0].FreeForGroup);
    }

    [Fact]
    public void A_share_of_unknown_size_is_no_GPU()
    {
        var facts = Nvidia("n", 4, "NVIDIA-L40S-SHARED");
        Assert.Equal(RejectionReasons.NoMemoryLabel, One(facts).Problem?.Reason);
    }

    [Fact]
    public void MIG_slices_are_kinds_of_their_own()
    {
        var single = One(Nvidia("n", 7, "A100-SXM4-40GB-MIG-1g.5gb", 4864));
        Assert.Equal(DeviceUnit.MigSlice, single.Devices[0].Unit);
        Assert.InRange(single.Devices[0].BandwidthGBs, 150, 250);

        var mixed = Labelled("nvidia.com/mig-1g.5gb", 2, ("nvidia.com/mig-1g.5gb.memory", "4864"), ("nvidia.com/mig-1g.5gb.product", "A100-SXM4-40GB-MIG-1g.5gb"));
        var allocatable = new Dictionary<string, long>(mixed.Allocatable, StringComparer.Ordinal) { ["nvidia.com/mig-3g.20gb"] = 1 };
        var node = One(mixed with { Allocatable = allocatable });
        Assert.Equal(["nvidia.com/mig-3g.20gb", "nvidia.com/mig-1g.5gb"], node.Devices.Select(d => d.ResourceName));
        Assert.Equal(Bytes.FromMiB(4864), node.Devices[1].MemoryPerGpu);
        Assert.Equal(1, node.Devices[1].FreeForGroup);
    }

    [Theory]
    [InlineData("GPU-1,10,32768,100,NVIDIA-Tesla V100-PCIE-32GB,0,true:")]
    [InlineData("""[{"id":"GPU-1","count":10,"devmem":32768,"devcore":100,"type":"NVIDIA-Tesla V100-PCIE-32GB","numa":0,"health":true}]""")]
    public void HAMi_shares_have_a_part_of_the_registered_memory(string annotation)
    {
        var node = One(Labelled("nvidia.com/gpu", 10) with
        {
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [HamiRegistration.Annotation] = annotation },
        });
        Assert.Equal(DeviceUnit.Share, node.Devices[0].Unit);
        Assert.Equal(Bytes.FromMiB(32768).Value / 10, node.MemoryPerGpu.Value);
        Assert.Equal(900, node.Devices[0].BandwidthGBs);
    }

    [Fact]
    public void Requests_of_pods_are_taken_off()
    {
        var pod = Pod("n", 1) with
        {
            Requests = new Dictionary<string, long>(StringComparer.Ordinal) { ["nvidia.com/gpu"] = 1, ["cpu"] = 4000, ["memory"] = 1L << 30 },
        };
        var node = One(Nvidia("n", 2), pod, pod with { Name = "elsewhere", Node = "m" }, pod with { Name = "pending", Node = "" });
        Assert.Equal(1, node.FreeGpus);
        Assert.Equal(60_000, node.FreeCpuMillis);
        Assert.Equal(Bytes.FromGiB(255), node.FreeMemory);
        Assert.Equal(109, node.FreePods);
    }

    [Fact]
    public void More_requests_than_devices_leave_none_and_not_less() =>
        Assert.Equal(0, One(Nvidia("n", 2), Pod("n", 7)).FreeGpus);

    [Fact]
    public void Nodes_without_usable_GPUs_say_why()
    {
        Assert.Equal(RejectionReasons.NoGpu, One(CpuOnly("n")).Problem?.Reason);
        Assert.Contains("device plugin", One(Nvidia("n", 0)).Problem?.Message, StringComparison.Ordinal);
        Assert.Equal(RejectionReasons.DraOnly, One(new NodeFacts { Name = "n", DraGpus = 8 }).Problem?.Reason);
        Assert.Equal(RejectionReasons.NotReady, One(Nvidia("n", 1) with { Ready = false }).Problem?.Reason);
        Assert.Equal(RejectionReasons.Cordoned, One(Nvidia("n", 1) with { Unschedulable = true }).Problem?.Reason);
    }
}
