using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.Planning;

public class RdmaResourcesTests
{
    // the spec's network, what each node offers -> what the pods are given
    [Theory]
    [InlineData("{}", "rdma/hca_a rdma/hca_b;rdma/hca_b", "rdma/hca_b")]
    [InlineData("{}", "rdma/hca_b rdma/hca_a;rdma/hca_a rdma/hca_b", "rdma/hca_a")]
    [InlineData("{}", "rdma/hca_a;", null)]
    [InlineData("{}", "rdma/none;rdma/none", null)]
    [InlineData("{}", "nvidia.com/gpu;nvidia.com/gpu", null)]
    [InlineData("{rdma: {mode: Disabled}}", "rdma/hca_a;rdma/hca_a", null)]
    [InlineData("{rdma: {resourceName: vendor.example/nic}}", ";", "vendor.example/nic")]
    public async Task The_pods_of_several_nodes_get_what_all_their_nodes_offer(string network, string offers, string? expected)
    {
        var plan = (await Views.GroupAsync()).Plan;
        var nodes = offers.Split(';').Select((offer, i) => Node($"n{i}", offer.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        var several = plan with { Leader = plan.Leader with { Node = "n0" }, Workers = [plan.Leader with { Node = "n1" }] };
        var deployment = Inputs.Small($"network: {network}\nengine: {{type: VLLM}}", file: "acme/llama/model.safetensors");

        var choose = RdmaResources.Of(deployment, name => nodes.Find(node => node.Metadata.Name == name));

        Assert.Equal(expected, choose?.Invoke(several));
        Assert.Null(choose?.Invoke(several with { Workers = [] }));
    }

    [Fact]
    public void LlamaCpp_talks_TCP() => Assert.Null(RdmaResources.Of(Inputs.Small(), _ => null));

    private static V1Node Node(string name, string[] resources) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Status = new V1NodeStatus { Allocatable = resources.ToDictionary(resource => resource, resource => (Quantity)(resource.EndsWith("none", StringComparison.Ordinal) ? 0 : 8), StringComparer.Ordinal) },
    };
}
