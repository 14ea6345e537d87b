using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;
using GpuStack.Simulator.Tests.Timing;
using GpuStack.Simulator.Timing;

namespace GpuStack.Simulator.Tests.Cluster.Disruption;

[Collection(nameof(QuietCollection))]
public sealed class Evictions
{
    private static readonly KubeletBehaviour Starting = new() { StartTime = TimeSpan.FromSeconds(20), TerminationTime = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task A_budget_counts_its_pods()
    {
        await using var cluster = new VirtualCluster(Starting);
        Budget(cluster, """{"maxUnavailable":1,"selector":{"matchLabels":{"app":"ss"}}}""");
        Set(cluster, 3);
        await cluster.AdvanceAsync(10);
        Assert.Equal((0L, 0L, 2L, 3L), Counts(cluster));

        await cluster.UntilAsync(() => cluster.IsReady("ss-2"));
        await cluster.AdvanceAsync();

        Assert.Equal((1L, 3L, 2L, 3L), Counts(cluster));
        Assert.Equal(1, Budget(cluster)["observedGeneration"].AsLong());
        Assert.Equal("SufficientPods", Budget(cluster)["conditions"]![0]!["reason"].AsText());
        cluster.Store.Modify(BuiltInResources.PodDisruptionBudgets, "default", "b", b => b["spec"]!["maxUnavailable"] = "50%");
        await cluster.AdvanceAsync();
        Assert.Equal((2L, 3L, 1L, 3L), Counts(cluster));
        Assert.Equal(2, Budget(cluster)["observedGeneration"].AsLong());
        cluster.Store.Modify(BuiltInResources.StatefulSets, "default", "ss", s => s["spec"]!["replicas"] = 1);
        await cluster.AdvanceAsync(5);
        Assert.Equal((1L, 1L, 0L, 1L), Counts(cluster));
    }

    [Fact]
    public async Task Two_evictions_at_once_take_one_pod_and_the_refusal_is_the_real_one()
    {
        var clock = new VirtualClock();
        await using var cluster = await SimulatedCluster.StartAsync(new SimulatedClusterOptions { TimeProvider = clock, Kubelets = Starting }, TestContext.Current.CancellationToken);
        cluster.Store.Create(BuiltInResources.Nodes, Node("a"));
        cluster.Store.Create(BuiltInResources.PodDisruptionBudgets, BudgetOf("""{"minAvailable":1,"selector":{"matchLabels":{"app":"ss"}}}"""));
        cluster.Store.Create(BuiltInResources.StatefulSets, SetOf(2));
        await clock.AdvanceAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = cluster.ApiServerUrl };

        using var first = await EvictAsync(http, "ss-0");
        using var second = await EvictAsync(http, "ss-1");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Null(second.Headers.RetryAfter);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
                 "message":"Cannot evict pod as it would violate the pod's disruption budget.","reason":"TooManyRequests",
                 "details":{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget b needs 1 healthy pods and has MANY currently"}]},"code":429}
                """.Replace("MANY", Healthy(cluster), StringComparison.Ordinal)),
            await second.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken)));
        var evicted = cluster.Store.Get(BuiltInResources.Pods, "default", "ss-0")!;
        Assert.Equal("EvictionByEvictionAPI", RunningCluster.Conditions(evicted, "DisruptionTarget")!["reason"].AsText());
        await clock.AdvanceAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        using var third = await EvictAsync(http, "ss-1");
        Assert.Equal(HttpStatusCode.Created, third.StatusCode);
    }

    [Theory]
    [InlineData("AlwaysAllow", true)]
    [InlineData("IfHealthyBudget", false)]
    public async Task A_pod_that_is_not_Ready_is_evicted_where_the_budget_says_so(string policy, bool isEvicted)
    {
        await using var cluster = new VirtualCluster(Starting);
        Budget(cluster, """{"minAvailable":2,"unhealthyPodEvictionPolicy":"POLICY","selector":{"matchLabels":{"app":"ss"}}}""".Replace("POLICY", policy, StringComparison.Ordinal));
        Set(cluster, 2);
        await cluster.UntilAsync(() => cluster.IsReady("ss-1"));
        cluster.Pods.CrashContainers("default", "ss-0");
        await cluster.AdvanceAsync();
        var before = cluster.Pod("ss-0")!.Uid;

        cluster.Plane.Drain("a");
        await cluster.AdvanceAsync(3);

        Assert.Equal(isEvicted, cluster.Pod("ss-0")!.Uid != before);
    }

    [Fact]
    public async Task A_drain_evicts_one_pod_after_the_other_as_the_budget_allows()
    {
        await using var cluster = new VirtualCluster(Starting, "a");
        Budget(cluster, """{"maxUnavailable":1,"selector":{"matchLabels":{"app":"ss"}}}""");
        Set(cluster, 3);
        await cluster.UntilAsync(() => cluster.IsReady("ss-2"));
        cluster.Store.Create(BuiltInResources.Nodes, Node("b"));
        var fewest = 3;

        cluster.Plane.Drain("a");
        await cluster.UntilAsync(() =>
        {
            fewest = Math.Min(fewest, Enumerable.Range(0, 3).Count(i => cluster.IsReady($"ss-{i}")));
            return Enumerable.Range(0, 3).All(i => cluster.IsReady($"ss-{i}") && RunningCluster.NodeOf(cluster.Pod($"ss-{i}")!) == "b");
        });

        Assert.Equal(2, fewest);
        Assert.True(cluster.Store.Get(BuiltInResources.Nodes, null, "a")!.Body["spec"]!["unschedulable"].AsBool());
        cluster.Plane.Cordon("a", isCordoned: false);
        await cluster.AdvanceAsync();
        Assert.Null(cluster.Store.Get(BuiltInResources.Nodes, null, "a")!.Body["spec"]!["unschedulable"]);
    }

    [Fact]
    public async Task Thousands_of_budgets_cost_no_more_than_their_pods()
    {
        const int Count = 2000;
        await using var cluster = new VirtualCluster(new KubeletBehaviour { Present = false });
        for (var i = 0; i < Count; i++)
        {
            var budget = BudgetOf("""{"maxUnavailable":1,"selector":{"matchLabels":{"managed":"yes","app":"sN"}}}""".Replace("sN", $"s{i}", StringComparison.Ordinal));
            budget["metadata"]!["name"] = $"b{i}";
            cluster.Store.Create(BuiltInResources.PodDisruptionBudgets, budget);
            var pod = RunningCluster.Json("""{"metadata":{"namespace":"default","labels":{"managed":"yes"}},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
            pod["metadata"]!["name"] = $"p{i}";
            pod["metadata"]!["labels"]!["app"] = $"s{i}";
            cluster.Store.Create(BuiltInResources.Pods, pod);
        }
        await cluster.AdvanceAsync();

        Assert.All(cluster.Store.List(BuiltInResources.PodDisruptionBudgets).Items, b => Assert.Equal(1, b.Body["status"]!["observedGeneration"].AsLong()));
    }

    private static string Healthy(SimulatedCluster cluster) =>
        $"{cluster.Store.Get(BuiltInResources.PodDisruptionBudgets, "default", "b")!.Body["status"]!["currentHealthy"].AsLong()}";

    private static Task<HttpResponseMessage> EvictAsync(HttpClient http, string pod) => http.PostAsJsonAsync(
        $"/api/v1/namespaces/default/pods/{pod}/eviction",
        new { apiVersion = "policy/v1", kind = "Eviction", metadata = new { name = pod, @namespace = "default" } },
        TestContext.Current.CancellationToken);

    private static JsonObject Node(string name)
    {
        var node = RunningCluster.Json("""{"metadata":{},"spec":{},"status":{"allocatable":{"cpu":"32","memory":"64Gi","pods":"110"}}}""");
        node["metadata"]!["name"] = name;
        return node;
    }

    private static JsonObject BudgetOf(string spec) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "b", ["namespace"] = "default" },
        ["spec"] = RunningCluster.Json(spec),
    };

    private static void Budget(VirtualCluster cluster, string spec) => cluster.Store.Create(BuiltInResources.PodDisruptionBudgets, BudgetOf(spec));

    private static JsonNode Budget(VirtualCluster cluster) => cluster.Store.Get(BuiltInResources.PodDisruptionBudgets, "default", "b")!.Body["status"]!;

    private static (long? Allowed, long? Healthy, long? Desired, long? Expected) Counts(VirtualCluster cluster) => (
        Budget(cluster)["disruptionsAllowed"].AsLong(), Budget(cluster)["currentHealthy"].AsLong(),
        Budget(cluster)["desiredHealthy"].AsLong(), Budget(cluster)["expectedPods"].AsLong());

    private static JsonObject SetOf(int replicas)
    {
        var set = RunningCluster.Json("""
            {"metadata":{"name":"ss","namespace":"default"},"spec":{"serviceName":"ss","podManagementPolicy":"Parallel","selector":{"matchLabels":{"app":"ss"}},
             "template":{"metadata":{"labels":{"app":"ss"}},"spec":{"containers":[{"name":"c","image":"x:1"}]}}}}
            """);
        set["spec"]!["replicas"] = replicas;
        return set;
    }

    private static void Set(VirtualCluster cluster, int replicas) => cluster.Store.Create(BuiltInResources.StatefulSets, SetOf(replicas));
}
