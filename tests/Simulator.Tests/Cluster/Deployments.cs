using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Simulator.Cluster.Deployments;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.Cluster;

public sealed class Deployments
{
    [Fact]
    public async Task Pods_come_by_way_of_a_replica_set_and_the_deployment_is_available()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        Add(cluster, "web", 2);

        var deployment = await CompleteAsync(cluster, "web", 2);

        Assert.Equal("True", RunningCluster.Condition(deployment, "Available"));
        Assert.Equal("1", deployment.Body["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]!.GetValue<string>());
        var set = Assert.Single(cluster.Store.List(BuiltInResources.ReplicaSets).Items);
        var pods = cluster.Store.List(BuiltInResources.Pods).Items;
        Assert.Equal(2, pods.Count);
        Assert.All(pods, pod =>
        {
            Assert.Matches($"^{set.Name}-[bcdfghjklmnpqrstvwxz2-9]{{5}}$", pod.Name);
            Assert.Equal(set.Name["web-".Length..], pod.Labels["pod-template-hash"]);
            Assert.Equal(set.Uid, pod.Body["metadata"]!["ownerReferences"]![0]!["uid"]!.GetValue<string>());
        });
    }

    [Fact]
    public async Task Another_template_replaces_the_pods_one_by_one_and_a_return_reuses_its_replica_set()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        Add(cluster, "web", 3, """{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}""");
        await CompleteAsync(cluster, "web", 3);
        var first = Assert.Single(cluster.Store.List(BuiltInResources.ReplicaSets).Items).Name;

        SetImage(cluster, "x:2");
        var updated = await CompleteAsync(cluster, "web", 3, generation: 2);

        Assert.Equal("2", Revision(updated));
        Assert.All(Alive(cluster), pod => Assert.Equal("x:2", pod.Body["spec"]!["containers"]![0]!["image"]!.GetValue<string>()));

        SetImage(cluster, "x:1");
        var returned = await CompleteAsync(cluster, "web", 3, generation: 3);
        Assert.Equal("3", Revision(returned));
        Assert.Equal(2, cluster.Store.List(BuiltInResources.ReplicaSets).Items.Count);
        Assert.All(Alive(cluster), pod => Assert.StartsWith(first, pod.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_template_that_differs_in_the_order_of_its_fields_is_the_same()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        Add(cluster, "web", 1);
        await CompleteAsync(cluster, "web", 1);

        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", d =>
        {
            var container = d["spec"]!["template"]!["spec"]!["containers"]![0]!.AsObject();
            var name = container["name"]!.DeepClone();
            container.Remove("name");
            container["name"] = name;
            d["spec"]!["minReadySeconds"] = 0L;
        });
        await CompleteAsync(cluster, "web", 1, generation: 2);

        Assert.Single(cluster.Store.List(BuiltInResources.ReplicaSets).Items);
    }

    [Fact]
    public async Task Recreate_ends_the_old_pods_before_it_starts_new_ones()
    {
        await using var cluster = new RunningCluster(new KubeletBehaviour { TerminationTime = TimeSpan.FromSeconds(5) });
        cluster.AddNode("a");
        Add(cluster, "web", 2, """{"strategy":{"type":"Recreate"}}""");
        await CompleteAsync(cluster, "web", 2);

        SetImage(cluster, "x:2");
        await cluster.ObjectAsync(BuiltInResources.Deployments, "default", "web", d => RunningCluster.Condition(d, "Available") == "False");
        Assert.DoesNotContain(Alive(cluster), pod => pod.Body["spec"]!["containers"]![0]!["image"]!.GetValue<string>() == "x:2");

        // Looked at once more, while the old pods still end.
        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", d => d["spec"]!["progressDeadlineSeconds"] = 700L);
        await cluster.ObjectAsync(BuiltInResources.Deployments, "default", "web", d => Long(d, "observedGeneration") == 3);
        Assert.Equal(2, cluster.Store.List(BuiltInResources.Pods).Items.Count(pod => pod.IsBeingDeleted));
        Assert.All(cluster.Store.List(BuiltInResources.ReplicaSets).Items, set => Assert.Equal(0, set.Body["spec"]!["replicas"].AsLong()));

        await cluster.AdvanceUntilAsync(CompleteAsync(cluster, "web", 2, generation: 3), TimeSpan.FromSeconds(1));
        Assert.All(Alive(cluster), pod => Assert.Equal("x:2", pod.Body["spec"]!["containers"]![0]!["image"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_rollout_that_does_not_come_forward_is_given_up_after_its_deadline()
    {
        await using var cluster = new RunningCluster();
        Add(cluster, "web", 1, """{"progressDeadlineSeconds":30}""");

        var late = await cluster.AdvanceUntilAsync(
            cluster.ObjectAsync(BuiltInResources.Deployments, "default", "web", d => RunningCluster.Condition(d, "Progressing") == "False"),
            TimeSpan.FromSeconds(1));

        Assert.Equal("ProgressDeadlineExceeded", RunningCluster.Conditions(late, "Progressing")!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_failed_or_deleted_pod_is_replaced_and_scaling_down_removes_pods()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        Add(cluster, "web", 2);
        await CompleteAsync(cluster, "web", 2);
        var names = Alive(cluster).Select(pod => pod.Name).ToArray();
        cluster.Plane.FailPod("default", names[0], forGood: true);
        cluster.Store.Delete(BuiltInResources.Pods, "default", names[1]);

        await PodsAsync(cluster, () => Alive(cluster).Count(pod => !names.Contains(pod.Name) && RunningCluster.Condition(pod, "Ready") == "True") == 2);

        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", d => d["spec"]!["replicas"] = 0L);
        await cluster.ObjectAsync(BuiltInResources.Deployments, "default", "web", d => Long(d, "replicas") is null or 0 && Long(d, "observedGeneration") == 2);
        Assert.Empty(Alive(cluster));
    }

    [Fact]
    public async Task Scaling_down_removes_what_is_not_ready_first()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        Add(cluster, "web", 3);
        await CompleteAsync(cluster, "web", 3);
        var ready = Alive(cluster).Select(pod => pod.Name).ToArray();
        cluster.Store.Modify(BuiltInResources.Nodes, null, "a", node => node["spec"] = new JsonObject { ["unschedulable"] = true });
        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", d => d["spec"]!["replicas"] = 5L);
        await PodsAsync(cluster, () => Alive(cluster).Length == 5);

        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", d => d["spec"]!["replicas"] = 3L);
        await PodsAsync(cluster, () => Alive(cluster).Length == 3);

        Assert.Equal(ready.Order(StringComparer.Ordinal), Alive(cluster).Select(pod => pod.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_paused_deployment_gets_no_replica_set_for_a_new_template_until_it_goes_on()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        Add(cluster, "web", 1);
        await CompleteAsync(cluster, "web", 1);

        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", d =>
        {
            d["spec"]!["paused"] = true;
            d["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "x:2";
        });
        await cluster.ObjectAsync(BuiltInResources.Deployments, "default", "web", d => Long(d, "observedGeneration") == 2);
        Assert.Single(cluster.Store.List(BuiltInResources.ReplicaSets).Items);

        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", d => d["spec"]!["paused"] = false);
        await CompleteAsync(cluster, "web", 1, generation: 3);
        Assert.Equal(2, cluster.Store.List(BuiltInResources.ReplicaSets).Items.Count);
    }

    [Fact]
    public async Task A_new_replica_set_begins_with_what_the_bounds_allow_and_as_many_old_ones_stay_as_are_asked_for()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        Add(cluster, "web", 4, """{"revisionHistoryLimit":1,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}""");
        await CompleteAsync(cluster, "web", 4);
        for (var version = 2; version <= 4; version++)
        {
            SetImage(cluster, $"x:{version}");
            await CompleteAsync(cluster, "web", 4, generation: version);
        }

        // Looked at once more: then the oldest are gone.
        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", d => d["spec"]!["progressDeadlineSeconds"] = 700L);
        await CompleteAsync(cluster, "web", 4, generation: 5);
        Assert.Equal(2, cluster.Store.List(BuiltInResources.ReplicaSets).Items.Count);
        var scaled = cluster.Store.List(BuiltInResources.Events, "default").Items.Select(item => item.Body["message"].AsText()!);
        Assert.Equal(3, scaled.Count(text => text.StartsWith("Scaled up ", StringComparison.Ordinal) && text.EndsWith(" to 1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_pod_that_is_not_restarted_does_its_work_and_succeeds()
    {
        await using var cluster = new RunningCluster(new KubeletBehaviour { WorkTime = TimeSpan.Zero });
        cluster.AddNode("a");
        cluster.AddPod("once", """{"restartPolicy":"Never"}""");

        await cluster.PodAsync("once", pod => pod.Body["status"]?["phase"]?.GetValue<string>() == "Succeeded");
    }

    /// <summary>Whatever the numbers: each step stays within the bounds, and the steps come to an end with the new template alone.</summary>
    [Fact]
    public void Every_rollout_stays_within_its_bounds_and_ends() => Prop.ForAll(
        ArbMap.Default.ArbFor<(byte Replicas, byte Surge, byte Unavailable, byte Old)>(),
        numbers =>
        {
            var replicas = numbers.Replicas % 12;
            var surge = numbers.Surge % 4;
            var unavailable = Math.Min(replicas, numbers.Unavailable % 4);
            var current = new ReplicaCount(0, 0);
            ReplicaCount[] old = [new(numbers.Old % 3, numbers.Old % 2), new(replicas, replicas)];
            var allowed = Math.Max(replicas + surge, old.Sum(set => set.Wanted));
            for (var step = 0; step < 100; step++)
            {
                var (next, others) = Rollout.Roll(replicas, surge, unavailable, current, old);
                Assert.InRange(next, 0, replicas);
                Assert.True(next + others.Sum() <= allowed);
                var available = Math.Min(current.Available, next) + old.Zip(others, (set, wanted) => Math.Min(set.Available, wanted)).Sum();
                var least = Math.Min(replicas - Math.Max(unavailable, surge == 0 ? 1 : 0), current.Available + old.Sum(set => set.Available));
                Assert.True(available >= least);
                if (next == replicas && others.All(wanted => wanted == 0))
                    return true;
                current = new ReplicaCount(next, next);
                old = [.. others.Select((wanted, i) => new ReplicaCount(wanted, Math.Min(old[i].Available, wanted)))];
            }

            return false;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("25%", 2, true, 1)]
    [InlineData("25%", 2, false, 0)]
    [InlineData("50%", 5, true, 3)]
    [InlineData("50%", 5, false, 2)]
    [InlineData("3", 2, true, 3)]
    [InlineData("-1", 2, true, 0)]
    [InlineData("x%", 2, true, 0)]
    public void Amounts_are_counts_or_percentages(string text, int replicas, bool roundsUp, int expected) =>
        Assert.Equal(expected, Rollout.Amount(text, replicas, roundsUp));

    private static void Add(RunningCluster cluster, string name, int replicas, string more = "{}")
    {
        var deployment = RunningCluster.Json("""
            {"metadata":{"name":"NAME","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"NAME"}},
             "template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"containers":[{"name":"c","image":"x:1"}]}}}}
            """.Replace("NAME", name, StringComparison.Ordinal));
        deployment["spec"]!["replicas"] = (long)replicas;
        foreach (var (key, value) in RunningCluster.Json(more))
            deployment["spec"]![key] = value?.DeepClone();
        cluster.Store.Create(BuiltInResources.Deployments, deployment);
    }

    private static void SetImage(RunningCluster cluster, string image) => cluster.Store.Modify(
        BuiltInResources.Deployments, "default", "web", d => d["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image);

    private static Task<StoredObject> CompleteAsync(RunningCluster cluster, string name, int replicas, long generation = 1) => cluster.ObjectAsync(
        BuiltInResources.Deployments, "default", name, d =>
            Long(d, "observedGeneration") == generation && Long(d, "updatedReplicas") == replicas && Long(d, "replicas") == replicas
            && RunningCluster.Conditions(d, "Progressing")?["reason"]?.GetValue<string>() == "NewReplicaSetAvailable");

    /// <summary>Looks after every change of a pod.</summary>
    private static async Task PodsAsync(RunningCluster cluster, Func<bool> state)
    {
        using var watch = cluster.Store.Watch(BuiltInResources.Pods);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        while (!state())
            await watch.Events.ReadAsync(patience.Token);
    }

    private static StoredObject[] Alive(RunningCluster cluster) =>
        [.. cluster.Store.List(BuiltInResources.Pods).Items.Where(pod => !pod.IsBeingDeleted && pod.Body["status"]?["phase"]?.GetValue<string>() != "Failed")];

    private static string? Revision(StoredObject deployment) => deployment.Body["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]!.GetValue<string>();

    private static long? Long(StoredObject stored, string field) => (stored.Body["status"] as JsonObject)?[field]?.GetValue<long>();
}
