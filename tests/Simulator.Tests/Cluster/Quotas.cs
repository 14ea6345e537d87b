using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.Cluster.Quotas;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.Cluster;

public sealed class Quotas
{
    private const string Gpus = """{"requests.nvidia.com/gpu":"2","pods":"10"}""";

    [Fact]
    public async Task What_is_taken_stands_in_the_status()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a", gpus: 8);
        AddQuota(cluster.Store, "gpus", Gpus);
        await UsedAsync(cluster, "gpus", "requests.nvidia.com/gpu", "0");

        AddSet(cluster, "ss", replicas: 2);
        await cluster.ReadyPodAsync("ss-1");
        await UsedAsync(cluster, "gpus", "requests.nvidia.com/gpu", "2");

        cluster.Plane.FailPod("default", "ss-1", forGood: true);
        cluster.Store.Delete(BuiltInResources.StatefulSets, "default", "ss");
        await UsedAsync(cluster, "gpus", "requests.nvidia.com/gpu", "0");
        var status = cluster.Store.Get(BuiltInResources.ResourceQuotas, "default", "gpus")!.Body["status"]!;
        Assert.Equal(Gpus.Split('"').Where((_, i) => i % 2 == 1).Chunk(2).Order(Comparer<string[]>.Create((a, b) => string.CompareOrdinal(a[0], b[0]))).Select(pair => $"{pair[0]}={pair[1]}"),
            status["hard"]!.AsObject().Select(one => $"{one.Key}={one.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_pod_beyond_the_quota_is_told_in_an_event_and_comes_when_there_is_room()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a", gpus: 8);
        AddQuota(cluster.Store, "gpus", """{"requests.nvidia.com/gpu":"1"}""");
        AddSet(cluster, "ss", replicas: 2);
        await cluster.ReadyPodAsync("ss-0");

        var told = await EventAsync(cluster, "FailedCreate");
        Assert.Equal(
            "create Pod ss-1 in StatefulSet ss failed error: pods \"ss-1\" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=1, limited: requests.nvidia.com/gpu=1",
            told.Body["message"].AsText());
        Assert.Equal(("Warning", "statefulset-controller", "StatefulSet"), (told.Body["type"].AsText(), told.Body["source"]!["component"].AsText(), told.Body["involvedObject"]!["kind"].AsText()));

        cluster.Store.Modify(BuiltInResources.ResourceQuotas, "default", "gpus", quota => quota["spec"]!["hard"]!["requests.nvidia.com/gpu"] = "2");
        await cluster.AdvanceUntilAsync(cluster.ReadyPodAsync("ss-1"), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_claim_beyond_the_quota_keeps_its_pod_from_being_made()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        AddQuota(cluster.Store, "disk", """{"requests.storage":"1Gi"}""");
        cluster.AddSet("ss", 1, """{"volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"2Gi"}}}}]}""");

        var told = await EventAsync(cluster, "FailedCreate");

        Assert.StartsWith(
            "create Claim data-ss-0 for Pod ss-0 in StatefulSet ss failed error: persistentvolumeclaims \"data-ss-0\" is forbidden: exceeded quota: disk, requested: requests.storage=2Gi, used: requests.storage=0, limited: requests.storage=1Gi",
            told.Body["message"].AsText(), StringComparison.Ordinal);
        Assert.Null(cluster.Store.Get(BuiltInResources.Pods, "default", "ss-0"));
    }

    [Fact]
    public async Task A_quota_holds_for_the_pods_of_a_Deployment_which_says_so_until_there_is_room()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        AddQuota(cluster.Store, "team", """{"pods":"1"}""");
        AddDeployment(cluster, replicas: 3);

        var told = await EventAsync(cluster, "FailedCreate");
        Assert.Matches(
            "^Error creating: pods \"web-[0-9a-z]+-[0-9a-z]{5}\" is forbidden: exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1$",
            told.Body["message"].AsText()!);
        Assert.Equal(("Warning", "replicaset-controller", "ReplicaSet"), (told.Body["type"].AsText(), told.Body["source"]!["component"].AsText(), told.Body["involvedObject"]!["kind"].AsText()));
        var failing = await DeploymentAsync(cluster, deployment => RunningCluster.Conditions(deployment, "ReplicaFailure") is not null);
        Assert.Equal("FailedCreate", RunningCluster.Conditions(failing, "ReplicaFailure")!["reason"].AsText());
        Assert.Contains("exceeded quota: team", RunningCluster.Conditions(failing, "ReplicaFailure")!["message"].AsText(), StringComparison.Ordinal);
        Assert.Single(cluster.Store.List(BuiltInResources.Pods).Items);

        cluster.Store.Modify(BuiltInResources.ResourceQuotas, "default", "team", quota => quota["spec"]!["hard"]!["pods"] = "3");
        var complete = await cluster.AdvanceUntilAsync(
            DeploymentAsync(cluster, deployment => deployment.Body["status"]?["readyReplicas"]?.GetValue<long>() == 3 && RunningCluster.Conditions(deployment, "ReplicaFailure") is null),
            TimeSpan.FromSeconds(1));
        Assert.Equal("NewReplicaSetAvailable", RunningCluster.Conditions(complete, "Progressing")!["reason"].AsText());
    }

    [Fact]
    public async Task A_refused_pod_is_tried_again_ever_more_rarely()
    {
        await using var cluster = new RunningCluster();
        AddQuota(cluster.Store, "team", """{"pods":"0"}""");
        AddDeployment(cluster, replicas: 2);

        // 5 ms and its doubles; the status, which is written after the first, is followed by one more.
        var attempts = await cluster.AdvanceUntilAsync(EventsAsync(cluster, "FailedCreate", 13), TimeSpan.FromMilliseconds(100));

        var times = attempts.Select(item => DateTimeOffset.Parse(item.Body["firstTimestamp"].AsText()!, CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(times.Max() - times.Min(), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task What_refuses_one_pod_is_not_asked_for_the_others_at_once()
    {
        await using var cluster = new RunningCluster();
        AddQuota(cluster.Store, "team", """{"pods":"0"}""");
        AddDeployment(cluster, replicas: 6);

        await DeploymentAsync(cluster, deployment => RunningCluster.Conditions(deployment, "ReplicaFailure") is not null);

        // One attempt, and one more for the status that it wrote: the clock stands still.
        Assert.InRange(cluster.Store.List(BuiltInResources.Events, "default").Items.Count(item => item.Body["reason"].AsText() == "FailedCreate"), 1, 2);
    }

    /// <summary>What was refused often, was made, and is refused once more is tried again soon.</summary>
    [Theory]
    [InlineData("pods", "spec.replicas")]
    [InlineData("count/replicasets.apps", "spec.template")]
    public async Task After_a_success_the_waiting_begins_anew(string what, string next)
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        AddQuota(cluster.Store, "team", $$"""{"{{what}}":"0"}""");
        AddDeployment(cluster, replicas: 1);
        // From the twelfth on there are ten seconds and more between two attempts.
        await cluster.AdvanceUntilAsync(FailedAsync(cluster, 12), TimeSpan.FromMilliseconds(100));
        SetQuota(cluster, what, "1");
        await cluster.AdvanceUntilAsync(ReadyAsync(cluster, 1, 1), TimeSpan.FromMilliseconds(500));

        var known = FailedCreations(cluster);
        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", deployment =>
        {
            deployment["spec"]!["replicas"] = next == "spec.replicas" ? 2L : 1L;
            deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = next == "spec.replicas" ? "x:1" : "x:2";
        });
        // One attempt, and one more for the status that it wrote.
        await FailedAsync(cluster, known + 2);
        SetQuota(cluster, what, "2");
        var refused = cluster.Time.GetUtcNow();
        await cluster.AdvanceUntilAsync(ReadyAsync(cluster, next == "spec.replicas" ? 2 : 1, 2), TimeSpan.FromMilliseconds(5));

        Assert.InRange(cluster.Time.GetUtcNow() - refused, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task Of_two_ReplicaSets_that_fail_that_of_the_present_template_is_told()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        AddQuota(cluster.Store, "team", """{"pods":"1"}""");
        AddDeployment(cluster, replicas: 3);
        await DeploymentAsync(cluster, deployment => RunningCluster.Conditions(deployment, "ReplicaFailure") is not null);
        var first = cluster.Store.List(BuiltInResources.ReplicaSets).Items[0].Name;

        cluster.Store.Modify(BuiltInResources.Deployments, "default", "web", deployment => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "x:2");

        var told = await DeploymentAsync(cluster, deployment => RunningCluster.Conditions(deployment, "ReplicaFailure")?["message"].AsText()?.Contains(first, StringComparison.Ordinal) is false);
        Assert.Contains("exceeded quota: team", RunningCluster.Conditions(told, "ReplicaFailure")!["message"].AsText(), StringComparison.Ordinal);
        Assert.Contains(cluster.Store.List(BuiltInResources.ReplicaSets).Items, set => set.Name == first && RunningCluster.Conditions(set, "ReplicaFailure") is not null);
    }

    [Theory]
    [InlineData("Succeeded", "0")]
    [InlineData("Failed", "0")]
    [InlineData("Running", "1")]
    public async Task A_finished_pod_takes_nothing(string phase, string used)
    {
        await using var cluster = new RunningCluster();
        AddQuota(cluster.Store, "team", """{"pods":"2"}""");
        cluster.Store.Create(BuiltInResources.Pods, RunningCluster.Json("""{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c","image":"x"}]}}"""));
        await UsedAsync(cluster, "team", "pods", "1");

        cluster.Store.ModifyStatus(BuiltInResources.Pods, "default", "p", pod => pod["status"] = new JsonObject { ["phase"] = phase });
        cluster.Store.Create(BuiltInResources.ConfigMaps, RunningCluster.Json("""{"metadata":{"name":"m","namespace":"default"}}"""));

        await UsedAsync(cluster, "team", "pods", used);
    }

    [Theory]
    [InlineData("services.nodeports", "services", """{"spec":{"type":"NodePort","ports":[{"port":80},{"port":81}]}}""", "requested: services.nodeports=2")]
    [InlineData("services.nodeports", "services", """{"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""", "requested: services.nodeports=1")]
    [InlineData("services.nodeports", "services", """{"spec":{"type":"ClusterIP","ports":[{"port":80}]}}""", null)]
    [InlineData("services.loadbalancers", "services", """{"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""", "requested: services.loadbalancers=1")]
    [InlineData("services.loadbalancers", "services", """{"spec":{"type":"NodePort","ports":[{"port":80}]}}""", null)]
    [InlineData("fast.storageclass.storage.k8s.io/requests.storage", "persistentvolumeclaims", """{"spec":{"storageClassName":"fast","resources":{"requests":{"storage":"1Gi"}}}}""", "requested: fast.storageclass.storage.k8s.io/requests.storage=1Gi")]
    [InlineData("fast.storageclass.storage.k8s.io/persistentvolumeclaims", "persistentvolumeclaims", """{"spec":{"storageClassName":"fast","resources":{"requests":{"storage":"1Gi"}}}}""", "requested: fast.storageclass.storage.k8s.io/persistentvolumeclaims=1")]
    [InlineData("fast.storageclass.storage.k8s.io/requests.storage", "persistentvolumeclaims", """{"spec":{"storageClassName":"slow","resources":{"requests":{"storage":"1Gi"}}}}""", null)]
    [InlineData("requests.cpu", "pods", """{"spec":{"initContainers":[{"name":"i","resources":{"requests":{"cpu":"3"}}}],"containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]}}""", "requested: requests.cpu=3")]
    public void Kinds_are_counted_by_what_they_ask_for(string hard, string plural, string spec, string? words)
    {
        var store = new ClusterStore(TimeProvider.System);
        AddQuota(store, "q", $$"""{"{{hard}}":"0"}""");
        var body = RunningCluster.Json(spec);
        body["metadata"] = new JsonObject { ["name"] = "one", ["namespace"] = "default" };

        if (words is null)
            QuotaGate.Create(store, new ResourceKey("", plural), body);
        else
            Assert.Contains(words, Assert.Throws<StoreException>(() => QuotaGate.Create(store, new ResourceKey("", plural), body)).Message, StringComparison.Ordinal);
    }

    /// <summary>As a real server, which looks for the name first.</summary>
    [Fact]
    public void Who_exists_already_is_told_so_whatever_room_there_is()
    {
        var store = new ClusterStore(TimeProvider.System);
        AddQuota(store, "q", """{"count/configmaps":"1"}""");
        static JsonObject Body() => RunningCluster.Json("""{"metadata":{"name":"m","namespace":"default"}}""");
        QuotaGate.Create(store, BuiltInResources.ConfigMaps, Body());

        Assert.Equal(StoreFailure.AlreadyExists, Assert.Throws<StoreException>(() => QuotaGate.Create(store, BuiltInResources.ConfigMaps, Body())).Failure);
    }

    [Fact]
    public async Task A_ReplicaSet_beyond_the_quota_is_told_and_comes_when_there_is_room()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        AddQuota(cluster.Store, "team", """{"count/replicasets.apps":"0"}""");
        AddDeployment(cluster, replicas: 1);

        var told = await EventAsync(cluster, "FailedCreate");
        Assert.Matches("^Failed to create new replica set \"web-[0-9a-z]+\": replicasets.apps \"web-[0-9a-z]+\" is forbidden: exceeded quota: team, ", told.Body["message"].AsText()!);
        Assert.Empty(cluster.Store.List(BuiltInResources.ReplicaSets).Items);

        cluster.Store.Modify(BuiltInResources.ResourceQuotas, "default", "team", quota => quota["spec"]!["hard"]!["count/replicasets.apps"] = "1");
        await cluster.AdvanceUntilAsync(DeploymentAsync(cluster, deployment => deployment.Body["status"]?["readyReplicas"]?.GetValue<long>() == 1), TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("""{"pods":"0"}""", "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0")]
    [InlineData("""{"count/pods":"0"}""", "exceeded quota: q, requested: count/pods=1, used: count/pods=0, limited: count/pods=0")]
    [InlineData("""{"requests.cpu":"1","limits.memory":"1Gi"}""", "exceeded quota: q, requested: limits.memory=2Gi,requests.cpu=1500m, used: limits.memory=0,requests.cpu=0, limited: limits.memory=1Gi,requests.cpu=1")]
    [InlineData("""{"limits.cpu":"4"}""", "failed quota: q: must specify limits.cpu for: c,side")]
    [InlineData("""{"memory":"10Gi"}""", null)]
    public async Task The_API_server_refuses_a_pod_in_the_words_of_a_real_one(string hard, string? words)
    {
        var store = new ClusterStore(TimeProvider.System);
        await using var server = await ApiServerHost.StartAsync(store, cancellationToken: TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = server.Url };
        AddQuota(store, "q", hard);

        foreach (var query in (string[])["?dryRun=All", ""])
        {
            using var content = new StringContent("""
                {"metadata":{"name":"p"},"spec":{
                 "initContainers":[{"name":"side","image":"x","restartPolicy":"Always","resources":{"requests":{"cpu":"500m"},"limits":{"memory":"1Gi"}}}],
                 "containers":[{"name":"c","image":"x","resources":{"requests":{"cpu":"1"},"limits":{"memory":"1Gi"}}}]}}
                """, System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/json"));
            using var response = await client.PostAsync($"/api/v1/namespaces/default/pods{query}", content, TestContext.Current.CancellationToken);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

            Assert.Equal(words is null ? 201 : 403, (int)response.StatusCode);
            if (words is null)
                continue;
            Assert.Equal(("Forbidden", $"pods \"p\" is forbidden: {words}"), (answer["reason"].AsText(), answer["message"].AsText()));
            Assert.Equal("""{"name":"p","kind":"pods"}""", answer["details"]!.ToJsonString());
        }
    }

    [Fact]
    public async Task Creations_at_once_never_take_more_than_there_is()
    {
        var store = new ClusterStore(TimeProvider.System);
        await using var server = await ApiServerHost.StartAsync(store, cancellationToken: TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = server.Url };
        AddQuota(store, "q", """{"count/configmaps":"7"}""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            using var content = new StringContent($$$"""{"metadata":{"name":"m{{{i}}}"}}""", System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/json"));
            using var response = await client.PostAsync("/api/v1/namespaces/default/configmaps", content, TestContext.Current.CancellationToken);
            return (int)response.StatusCode;
        }));

        Assert.Equal(7, answers.Count(code => code == 201));
        Assert.Equal(7, store.List(BuiltInResources.ConfigMaps, "default").Items.Count);
    }

    [Fact]
    public async Task Scopes_are_not_simulated()
    {
        var store = new ClusterStore(TimeProvider.System);
        await using var server = await ApiServerHost.StartAsync(store, cancellationToken: TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = server.Url };
        using var content = new StringContent("""{"metadata":{"name":"q"},"spec":{"hard":{"pods":"1"},"scopes":["BestEffort"]}}""", System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/json"));

        using var response = await client.PostAsync("/api/v1/namespaces/default/resourcequotas", content, TestContext.Current.CancellationToken);

        Assert.Equal(501, (int)response.StatusCode);
    }

    private static void AddQuota(ClusterStore store, string name, string hard) => store.Create(
        BuiltInResources.ResourceQuotas,
        RunningCluster.Json($$$$"""{"metadata":{"name":"{{{{name}}}}","namespace":"default"},"spec":{"hard":{{{{hard}}}}}}"""));

    private static void AddSet(RunningCluster cluster, string name, int replicas) => cluster.AddSet(name, replicas, """
        {"podManagementPolicy":"Parallel","template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"containers":[{"name":"c","image":"x:1","resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}}
        """.Replace("NAME", name, StringComparison.Ordinal));

    private static void AddDeployment(RunningCluster cluster, int replicas) => cluster.Store.Create(BuiltInResources.Deployments, RunningCluster.Json("""
        {"metadata":{"name":"web","namespace":"default"},"spec":{"replicas":REPLICAS,"selector":{"matchLabels":{"app":"web"}},
         "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"x:1"}]}}}}
        """.Replace("REPLICAS", $"{replicas}", StringComparison.Ordinal)));

    private static void SetQuota(RunningCluster cluster, string what, string amount) =>
        cluster.Store.Modify(BuiltInResources.ResourceQuotas, "default", "team", quota => quota["spec"]!["hard"]![what] = amount);

    /// <summary>Waits until so many creations were refused; the same refusal again is counted on its event.</summary>
    private static async Task<int> FailedAsync(RunningCluster cluster, int times)
    {
        using var watch = cluster.Store.Watch(BuiltInResources.Events);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (FailedCreations(cluster) < times)
            await watch.Events.ReadAsync(patience.Token);
        return FailedCreations(cluster);
    }

    private static int FailedCreations(RunningCluster cluster) => cluster.Store.List(BuiltInResources.Events, "default").Items
        .Where(item => item.Body["reason"].AsText() == "FailedCreate").Sum(item => (int)(item.Body["count"].AsLong() ?? 1));

    private static Task<StoredObject> ReadyAsync(RunningCluster cluster, int pods, long generation) => DeploymentAsync(
        cluster,
        deployment => deployment.Body["status"]?["observedGeneration"].AsLong() == generation && deployment.Body["status"]?["readyReplicas"].AsLong() == pods
            && deployment.Body["status"]?["updatedReplicas"].AsLong() == pods);

    private static Task<StoredObject> DeploymentAsync(RunningCluster cluster, Func<StoredObject, bool> condition) =>
        cluster.ObjectAsync(BuiltInResources.Deployments, "default", "web", condition);

    private static Task<StoredObject> UsedAsync(RunningCluster cluster, string quota, string name, string amount) =>
        cluster.ObjectAsync(BuiltInResources.ResourceQuotas, "default", quota, stored => stored.Body["status"]?["used"]?[name].AsText() == amount);

    private static async Task<StoredObject> EventAsync(RunningCluster cluster, string reason) => (await EventsAsync(cluster, reason, 1))[0];

    /// <summary>The first events of a reason, as many as asked for.</summary>
    private static async Task<IReadOnlyList<StoredObject>> EventsAsync(RunningCluster cluster, string reason, int count)
    {
        using var watch = cluster.Store.Watch(BuiltInResources.Events);
        var found = watch.Initial.Items.Where(item => item.Body["reason"].AsText() == reason).ToDictionary(item => item.Name, StringComparer.Ordinal);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (found.Count < count)
        {
            var change = await watch.Events.ReadAsync(patience.Token);
            if (change.Object.Body["reason"].AsText() == reason)
                found[change.Object.Name] = change.Object;
        }

        return [.. found.Values.Take(count)];
    }
}
