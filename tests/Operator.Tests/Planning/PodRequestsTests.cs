using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Tests.Planning;

public class PodRequestsTests
{
    [Fact]
    public void Containers_add_up()
    {
        var spec = new V1PodSpec { Containers = [Of(cpu: "500m", gpus: 1), Of(cpu: "1", gpus: 2)] };

        Assert.Equal("1500m 3", Text(spec));
    }

    [Fact]
    public void An_init_container_counts_only_where_it_asks_for_more_than_all_containers_together()
    {
        var spec = new V1PodSpec { InitContainers = [Of(cpu: "4"), Of(cpu: "100m", gpus: 4)], Containers = [Of(cpu: "1", gpus: 1)] };

        Assert.Equal("4 4", Text(spec));
    }

    [Fact]
    public void A_sidecar_adds_to_the_containers_and_to_later_init_containers()
    {
        var sidecar = Of(cpu: "1");
        sidecar.RestartPolicy = "Always";
        var spec = new V1PodSpec { InitContainers = [Of(cpu: "2"), sidecar, Of(cpu: "3")], Containers = [Of(cpu: "500m", gpus: 1)] };

        Assert.Equal("4 1", Text(spec));
    }

    [Fact]
    public void A_limit_alone_is_a_request()
    {
        var spec = new V1PodSpec
        {
            Containers = [new V1Container { Resources = new V1ResourceRequirements { Limits = new() { ["cpu"] = "1", ["nvidia.com/gpu"] = 2 } } }],
        };

        Assert.Equal("1 2", Text(spec));
    }

    [Fact]
    public void Overhead_comes_on_top()
    {
        var spec = new V1PodSpec { Containers = [Of(cpu: "1", gpus: 1)], Overhead = new() { ["cpu"] = "250m" } };

        Assert.Equal("1250m 1", Text(spec));
    }

    private static V1Container Of(string cpu, int gpus = 0)
    {
        var requests = new Dictionary<string, Quantity> { ["cpu"] = cpu };
        if (gpus > 0)
            requests["nvidia.com/gpu"] = gpus;
        return new V1Container { Resources = new V1ResourceRequirements { Requests = requests } };
    }

    private static string Text(V1PodSpec spec)
    {
        var effective = PodRequests.Effective(spec);
        return $"{effective["cpu"]} {effective.GetValueOrDefault("nvidia.com/gpu")}";
    }
}
