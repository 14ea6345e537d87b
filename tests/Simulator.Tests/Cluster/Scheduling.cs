using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.Cluster;

public sealed class Scheduling
{
    private const string OneGpu = """{"containers":[{"name":"c","image":"x","resources":{"limits":{"nvidia.com/gpu":"1"}}}]}""";

    [Fact]
    public async Task A_pod_goes_where_its_GPU_is_and_becomes_ready()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddNode("b", gpus: 1);
        cluster.AddPod("p", OneGpu);

        var pod = await cluster.ReadyPodAsync("p");

        Assert.Equal("b", RunningCluster.NodeOf(pod));
        Assert.Equal("Running", pod.Body["status"]!["phase"]!.GetValue<string>());
        Assert.True(pod.Body["status"]!["containerStatuses"]![0]!["ready"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_GPU_is_given_once_and_again_when_its_pod_is_gone()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddNode("b", gpus: 1);
        cluster.AddPod("first", OneGpu);
        await cluster.ReadyPodAsync("first");
        cluster.AddPod("second", OneGpu);

        var waiting = await cluster.PodAsync("second", p => RunningCluster.Condition(p, "PodScheduled") == "False");

        Assert.Equal("Unschedulable", RunningCluster.Conditions(waiting, "PodScheduled")!["reason"]!.GetValue<string>());
        Assert.Equal(
            "0/2 nodes are available: 2 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
            RunningCluster.Conditions(waiting, "PodScheduled")!["message"]!.GetValue<string>());
        cluster.Store.Delete(BuiltInResources.Pods, "default", "first");
        Assert.Equal("b", RunningCluster.NodeOf(await cluster.ReadyPodAsync("second")));
    }

    [Fact]
    public async Task Taints_are_worded_as_recorded()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a", taint: "gpu");
        cluster.AddNode("b", taint: "gpu");
        await Task.WhenAll(cluster.ObjectAsync(BuiltInResources.Nodes, null, "a", n => RunningCluster.Condition(n, "Ready") == "True"),
            cluster.ObjectAsync(BuiltInResources.Nodes, null, "b", n => RunningCluster.Condition(n, "Ready") == "True"));
        cluster.AddPod("p");

        var pod = await cluster.PodAsync("p", p => RunningCluster.Conditions(p, "PodScheduled")?["message"]?.GetValue<string>()
            == "0/2 nodes are available: 2 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");

        await cluster.ObjectAsync(BuiltInResources.Events, "default", cluster.Store.List(BuiltInResources.Events, "default").Items
            .First(e => e.Body["reason"]!.GetValue<string>() == "FailedScheduling").Name, _ => true);
        cluster.AddPod("tolerant", """{"tolerations":[{"key":"gpu","operator":"Exists"}]}""");
        await cluster.ReadyPodAsync("tolerant");
        Assert.Null(RunningCluster.NodeOf(pod));
    }

    [Theory]
    [InlineData("""{"nodeSelector":{"zone":"b"}}""")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["b1"]}]}]}}}}""")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"NotIn","values":["a","c"]}]}]}}}}""")]
    public async Task Node_rules_are_obeyed(string spec)
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a1");
        cluster.AddNode("b1");
        cluster.AddNode("c1");
        cluster.AddPod("p", spec);

        Assert.Equal("b1", RunningCluster.NodeOf(await cluster.ReadyPodAsync("p")));
    }

    [Fact]
    public async Task A_pod_goes_to_the_node_that_it_prefers_and_elsewhere_when_that_is_full()
    {
        const string Prefers = """
            {"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[
              {"weight":100,"preference":{"matchExpressions":[{"key":"zone","operator":"In","values":["b"]}]}}]}}}
            """;
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddNode("b", pods: "1");

        cluster.AddPod("first", Prefers);
        Assert.Equal("b", RunningCluster.NodeOf(await cluster.ReadyPodAsync("first")));
        cluster.AddPod("second", Prefers);
        Assert.Equal("a", RunningCluster.NodeOf(await cluster.ReadyPodAsync("second")));
    }

    [Fact]
    public async Task A_pinned_pod_waits_for_its_node()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddPod("p", """{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["later"]}]}]}}}}""");
        await cluster.PodAsync("p", p => RunningCluster.Conditions(p, "PodScheduled")?["message"]?.GetValue<string>()
            .StartsWith("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", StringComparison.Ordinal) == true);

        cluster.AddNode("later");

        Assert.Equal("later", RunningCluster.NodeOf(await cluster.ReadyPodAsync("p")));
    }

    [Fact]
    public async Task Anti_affinity_keeps_pods_apart_in_both_directions()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddNode("b");
        const string Apart = """{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"app":"x"}},"topologyKey":"kubernetes.io/hostname"}]}}}""";
        cluster.AddPod("one", Apart, """{"app":"x"}""");
        cluster.AddPod("two", Apart, """{"app":"x"}""");
        var nodes = new[] { RunningCluster.NodeOf(await cluster.ReadyPodAsync("one")), RunningCluster.NodeOf(await cluster.ReadyPodAsync("two")) };
        Assert.Equal(["a", "b"], nodes.Order());

        cluster.AddPod("three", labels: """{"app":"x"}""");

        await cluster.PodAsync("three", p => RunningCluster.Conditions(p, "PodScheduled")?["message"]?.GetValue<string>()
            .Contains("2 node(s) didn't satisfy existing pods anti-affinity rules", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_cordoned_node_takes_no_pods_until_it_is_opened()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.Store.Modify(BuiltInResources.Nodes, null, "a", n => n["spec"]!["unschedulable"] = true);
        cluster.AddPod("p");
        await cluster.PodAsync("p", p => RunningCluster.Conditions(p, "PodScheduled")?["message"]?.GetValue<string>()
            .Contains("1 node(s) were unschedulable", StringComparison.Ordinal) == true);

        cluster.Store.Modify(BuiltInResources.Nodes, null, "a", n => n["spec"]!["unschedulable"] = false);

        await cluster.ReadyPodAsync("p");
    }

    [Fact]
    public async Task Init_containers_count_by_Kubernetes_rule()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a", cpu: "4");
        // 3 cpu while the init container runs beside nothing, 2 afterwards: together 3, not 5.
        cluster.AddPod("p", """
            {"initContainers":[{"name":"i","image":"x","resources":{"requests":{"cpu":"3"}}}],
             "containers":[{"name":"c","image":"x","resources":{"requests":{"cpu":"2"}}}]}
            """);
        var ready = await cluster.ReadyPodAsync("p");
        Assert.Equal("Completed", ready.Body["status"]!["initContainerStatuses"]![0]!["state"]!["terminated"]!["reason"]!.GetValue<string>());
        cluster.AddPod("q", """{"containers":[{"name":"c","image":"x","resources":{"requests":{"cpu":"1500m"}}}]}""");

        await cluster.PodAsync("q", p => RunningCluster.Conditions(p, "PodScheduled")?["message"]?.GetValue<string>()
            .Contains("1 Insufficient cpu", StringComparison.Ordinal) == true);
    }
}
