using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Tests.Planning;

public class FleetFactsTests
{
    [Fact]
    public void A_nodes_cpu_is_in_thousandths_and_its_memory_in_bytes()
    {
        var facts = FleetFacts.From(Inputs.Nodes("gpu", 1)[0]);

        Assert.Equal("gpu-0", facts.Name);
        Assert.True(facts.Ready);
        Assert.Equal(32_000, facts.Allocatable["cpu"]);
        Assert.Equal(128L << 30, facts.Allocatable["memory"]);
        Assert.Equal(1, facts.Allocatable["nvidia.com/gpu"]);
    }

    [Fact]
    public void A_node_that_says_nothing_of_itself_is_not_Ready() =>
        Assert.False(FleetFacts.From(new V1Node { Metadata = new V1ObjectMeta { Name = "new" } }).Ready);

    [Theory]
    [InlineData(null, "Running", false)]
    [InlineData("", "Pending", false)]
    [InlineData("node", "Succeeded", false)]
    [InlineData("node", "Failed", false)]
    [InlineData("node", "Pending", true)]
    [InlineData("node", "Running", true)]
    public void Only_bound_and_unfinished_pods_hold_anything(string? node, string phase, bool holds)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "pod", Namespace = "default" },
            Spec = new V1PodSpec { NodeName = node },
            Status = new V1PodStatus { Phase = phase },
        };

        Assert.Equal(holds, FleetFacts.From(pod) is not null);
    }

    [Fact]
    public void A_pod_of_a_group_is_attributed_to_its_deployment()
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = "small-1-0",
                Namespace = "models",
                Labels = new() { ["inference.gpustack.io/deployment"] = "small", ["inference.gpustack.io/group"] = "1" },
            },
            Spec = new V1PodSpec { NodeName = "node" },
        };

        var facts = FleetFacts.From(pod)!;

        Assert.Equal(("models/small", 1), (facts.Deployment, facts.Group));
    }
}
