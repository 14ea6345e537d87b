using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.Cluster;

public sealed class NodesAndGarbage
{
    [Fact]
    public async Task A_lost_node_is_unknown_tainted_and_evicts_after_the_toleration()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 1);
        var pod = await cluster.ReadyPodAsync("ss-0");
        cluster.AddNode("b");

        cluster.Plane.TakeNodeDown("a");

        var node = await cluster.ObjectAsync(BuiltInResources.Nodes, null, "a", n => RunningCluster.Condition(n, "Ready") == "Unknown");
        Assert.Equal("NodeStatusUnknown", RunningCluster.Conditions(node, "Ready")!["reason"]!.GetValue<string>());
        Assert.Contains(node.Body["spec"]!["taints"]!.AsArray(), t => t!["effect"]!.GetValue<string>() == "NoExecute"
            && t["key"]!.GetValue<string>() == "node.kubernetes.io/unreachable");
        await cluster.PodAsync("ss-0", p => RunningCluster.Condition(p, "Ready") == "False" && !p.IsBeingDeleted);
        cluster.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.False(cluster.Store.Get(BuiltInResources.Pods, "default", "ss-0")!.IsBeingDeleted);
        await cluster.AdvanceUntilAsync(cluster.PodAsync("ss-0", p => p.IsBeingDeleted && p.Uid == pod.Uid), TimeSpan.FromSeconds(1));

        // Nobody confirms the end while the node is away; a force deletion frees the name.
        cluster.Store.Delete(BuiltInResources.Pods, "default", "ss-0", new StoreDeleteOptions { GracePeriodSeconds = 0 });
        Assert.Equal("b", RunningCluster.NodeOf(await cluster.PodAsync("ss-0", p => p.Uid != pod.Uid && RunningCluster.Condition(p, "Ready") == "True")));
    }

    [Fact]
    public async Task A_node_that_returns_in_time_keeps_its_pods()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 1);
        var pod = await cluster.ReadyPodAsync("ss-0");
        cluster.Plane.TakeNodeDown("a");
        await cluster.PodAsync("ss-0", p => RunningCluster.Condition(p, "Ready") == "False");

        cluster.Plane.BringNodeUp("a");

        Assert.Equal(pod.Uid, (await cluster.ReadyPodAsync("ss-0")).Uid);
        await cluster.ObjectAsync(BuiltInResources.Nodes, null, "a", n => n.Body["spec"]?["taints"] is null);
    }

    [Fact]
    public async Task A_drained_node_hands_its_pods_on()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 1);
        await cluster.ReadyPodAsync("ss-0");
        cluster.AddNode("b");

        cluster.Plane.Drain("a");

        await cluster.PodAsync("ss-0", p => RunningCluster.NodeOf(p) == "b" && RunningCluster.Condition(p, "Ready") == "True");
    }

    [Fact]
    public async Task Pods_of_a_removed_node_go_with_it()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddPod("p");
        await cluster.ReadyPodAsync("p");

        cluster.Store.Delete(BuiltInResources.Nodes, null, "a");

        await cluster.GoneAsync(BuiltInResources.Pods, "default", "p");
    }

    [Fact]
    public async Task What_an_object_owned_follows_it_down_the_chain()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 1);
        var pod = await cluster.ReadyPodAsync("ss-0");

        cluster.Store.Delete(BuiltInResources.StatefulSets, "default", "ss");

        await cluster.GoneAsync(BuiltInResources.Pods, "default", "ss-0");
        await cluster.GoneAsync(BuiltInResources.ControllerRevisions, "default", pod.Labels["controller-revision-hash"]);
    }

    [Fact]
    public async Task A_foreground_deletion_waits_for_blocking_dependents()
    {
        await using var cluster = new RunningCluster();
        var owner = Map(cluster, "owner");
        var held = Map(cluster, "held", owner, "example.io/hold");

        cluster.Store.Delete(BuiltInResources.ConfigMaps, "default", "owner", new StoreDeleteOptions { Propagation = Propagation.Foreground });

        await cluster.ObjectAsync(BuiltInResources.ConfigMaps, "default", "held", h => h.IsBeingDeleted);
        Assert.NotNull(cluster.Store.Get(BuiltInResources.ConfigMaps, "default", "owner"));
        cluster.Store.Modify(BuiltInResources.ConfigMaps, "default", held.Name, h => h["metadata"]!.AsObject().Remove("finalizers"));
        await cluster.GoneAsync(BuiltInResources.ConfigMaps, "default", "owner");
    }

    [Fact]
    public async Task An_orphaning_deletion_leaves_dependents_without_owner()
    {
        await using var cluster = new RunningCluster();
        var owner = Map(cluster, "owner");
        Map(cluster, "child", owner);
        // The collector knows an object once it has watched it; a second owner's deletion shows that it has.
        await cluster.ObjectAsync(BuiltInResources.ServiceAccounts, "default", "default", _ => true);

        cluster.Store.Delete(BuiltInResources.ConfigMaps, "default", "owner", new StoreDeleteOptions { Propagation = Propagation.Orphan });

        await cluster.ObjectAsync(BuiltInResources.ConfigMaps, "default", "child", c => c.Metadata["ownerReferences"] is null && !c.IsBeingDeleted);
        await cluster.GoneAsync(BuiltInResources.ConfigMaps, "default", "owner");
    }

    [Fact]
    public async Task A_dependent_of_an_owner_that_never_was_is_removed()
    {
        await using var cluster = new RunningCluster();
        cluster.Store.Create(BuiltInResources.ConfigMaps, RunningCluster.Json("""
            {"metadata":{"name":"lost","namespace":"default","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"none","uid":"1"}]}}
            """));

        await cluster.GoneAsync(BuiltInResources.ConfigMaps, "default", "lost");
    }

    [Fact]
    public async Task A_namespace_gets_its_account_and_goes_when_it_is_empty()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.Store.Create(BuiltInResources.Namespaces, RunningCluster.Json("""{"metadata":{"name":"team"}}"""));
        await cluster.ObjectAsync(BuiltInResources.ServiceAccounts, "team", "default", _ => true);
        cluster.Store.Create(BuiltInResources.Pods, RunningCluster.Json("""
            {"metadata":{"name":"p","namespace":"team"},"spec":{"containers":[{"name":"c","image":"x"}]}}
            """));
        await cluster.ObjectAsync(BuiltInResources.Pods, "team", "p", p => RunningCluster.Condition(p, "Ready") == "True");

        cluster.Store.Delete(BuiltInResources.Namespaces, null, "team");

        await cluster.GoneAsync(BuiltInResources.Namespaces, null, "team");
        Assert.Empty(cluster.Store.List(BuiltInResources.Pods, "team").Items);
    }

    private static StoredObject Map(RunningCluster cluster, string name, StoredObject? owner = null, string? finalizer = null)
    {
        var map = RunningCluster.Json("""{"metadata":{"namespace":"default"}}""");
        map["metadata"]!["name"] = name;
        if (owner is not null)
        {
            map["metadata"]!["ownerReferences"] = new System.Text.Json.Nodes.JsonArray(RunningCluster.Json(
                $$"""{"apiVersion":"v1","kind":"ConfigMap","name":"{{owner.Name}}","uid":"{{owner.Uid}}","blockOwnerDeletion":true}"""));
        }
        if (finalizer is not null)
            map["metadata"]!["finalizers"] = new System.Text.Json.Nodes.JsonArray(finalizer);
        return cluster.Store.Create(BuiltInResources.ConfigMaps, map);
    }
}
