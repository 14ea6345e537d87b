using System.Text;
using System.Text.Json.Nodes;
using GpuStack.EndToEnd.Reconciliation;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Access;

/// <summary>
/// The other half of what every test against a simulated cluster shows: that the committed roles allow all that the operator does. Here, that
/// they allow nothing else: a run in which each verb of each rule is used.
/// </summary>
public class LeastPrivilegeTests
{
    private const string DeploymentLabel = "inference.gpustack.io/deployment";

    [Fact]
    public async Task Every_verb_of_every_rule_is_used()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        Assert.SkipUnless(cluster.Simulated is not null, "a given cluster does not tell which rules were used");
        var cancellation = TestContext.Current.CancellationToken;
        await cluster.InstallServiceMonitorsAsync();
        await cluster.Client.CreateAsync(
            new V1Secret
            {
                ApiVersion = "v1",
                Kind = "Secret",
                Metadata = new V1ObjectMeta { Name = "token", Namespace = cluster.Namespace },
                Data = new(StringComparer.Ordinal) { ["token"] = Encoding.UTF8.GetBytes("hf_test") },
            },
            cancellation);
        await using (OperatorRun.Start(cluster, settings => settings with { LeaderElect = true }, new WithoutStreamingLists(cluster.OperatorClient)))
        {
            await BringUpAndDownAsync(cluster);
            await RestoreChildrenAsync(cluster);
            await ScaleDownAsync(cluster);
            await ReplacePodsAsync(cluster);
            await RepeatEventsAsync(cluster);
            await MissPodsAsync(cluster);
        }

        var roles = (string[])["role.yaml", "fleet_role.yaml", "leader_election_role.yaml"];
        var unused = roles.SelectMany(file => RoleFile.Read(file).Unused(cluster.Simulated!.Access)).ToList();
        Assert.True(unused.Count == 0, $"Nothing uses these permissions; do here what needs them, or drop them from [EntityRbac]:\n{string.Join('\n', unused)}");
    }

    /// <summary>Secrets, claims and all children come to be; a claim is adopted, which takes the right to delete it where owners are enforced.</summary>
    private static async Task BringUpAndDownAsync(TestCluster cluster)
    {
        await cluster.ApplyYamlAsync("small", Spec("replicas: 2"));
        await cluster.WaitAsync("small", "Ready", "True", "Ready");
        await cluster.ApplyAsync("cached", "suspend: true\ncache: {persistentVolumeClaim: {size: 1Gi}}");
        await cluster.WaitAsync("cached", "Ready", "True", "Suspended");
        var owned = (await cluster.WaitForAsync<V1PersistentVolumeClaim>("cached-cache", _ => true)).Metadata.OwnerReferences is { Count: > 0 };
        var policy = owned ? "Retain" : "Delete";
        await cluster.ApplyAsync("cached", $"suspend: true\ncache: {{persistentVolumeClaim: {{size: 1Gi}}, retentionPolicy: {policy}}}");
        await cluster.WaitForAsync<V1PersistentVolumeClaim>("cached-cache", claim => claim.Metadata.OwnerReferences is { Count: > 0 } != owned);
    }

    /// <summary>A child that lost its label is out of the informers' sight: it is asked for by name, and gets its label back.</summary>
    private static async Task RestoreChildrenAsync(TestCluster cluster)
    {
        await RestoreAsync<V1StatefulSet>(cluster, "small-0");
        await RestoreAsync<V1Service>(cluster, "small");
        await RestoreAsync<V1ConfigMap>(cluster, (await cluster.ListAsync<V1ConfigMap>()).First(IsLabelled).Metadata.Name!);
        await RestoreAsync<V1NetworkPolicy>(cluster, "small");
        await RestoreAsync<V1PodDisruptionBudget>(cluster, "small");
        await RestoreAsync<V1ServiceMonitor>(cluster, "small");
        // Claims are followed whatever their labels; a claim is looked at when its deployment is.
        await TakeLabelAsync<V1PersistentVolumeClaim>(cluster, "cached-cache");
        await cluster.ApplyAsync("cached", "replicas: 0\ncache: {persistentVolumeClaim: {size: 1Gi}}");
        await cluster.WaitForAsync<V1PersistentVolumeClaim>("cached-cache", IsLabelled);
    }

    private static async Task RestoreAsync<T>(TestCluster cluster, string name)
        where T : class, IKubernetesObject
    {
        await TakeLabelAsync<T>(cluster, name);
        await cluster.WaitForAsync<T>(name, IsLabelled);
    }

    private static Task<T> TakeLabelAsync<T>(TestCluster cluster, string name)
        where T : class, IKubernetesObject
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [DeploymentLabel] = null } } };
        return cluster.Client.MergePatchAsync<T>(name, cluster.Namespace, patch, TestContext.Current.CancellationToken);
    }

    private static bool IsLabelled(IKubernetesObject child) => child.Metadata.Labels?.ContainsKey(DeploymentLabel) is true;

    private static async Task ScaleDownAsync(TestCluster cluster)
    {
        await cluster.ApplyYamlAsync("small", Spec("access: {networkPolicy: Disabled}"));
        await cluster.WaitUntilGoneAsync<V1StatefulSet>("small-1");
        await cluster.WaitUntilGoneAsync<V1Service>("small-1");
        await cluster.WaitUntilGoneAsync<V1NetworkPolicy>("small");
        await cluster.WaitForAsync<V1StatefulSet>("small-0", _ => true);
    }

    private static async Task ReplacePodsAsync(TestCluster cluster)
    {
        var before = (await cluster.WaitForAsync<V1Pod>("small-0-0", _ => true)).Metadata.Uid;
        await cluster.ApplyYamlAsync("small", Spec("access: {networkPolicy: Disabled}\nengine: {contextLength: 4096}"));
        await cluster.WaitForAsync<V1Pod>("small-0-0", pod => pod.Metadata.Uid != before);
        await cluster.WaitAsync("small", "Ready", "True", "Ready");
    }

    /// <summary>Why pods are missing is in events.</summary>
    private static async Task MissPodsAsync(TestCluster cluster)
    {
        cluster.Store.Create(BuiltInResources.ResourceQuotas, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "gpus", ["namespace"] = cluster.Namespace },
            ["spec"] = new JsonObject { ["hard"] = new JsonObject { ["requests.nvidia.com/gpu"] = "1" } },
        });
        await cluster.ApplyAsync("more");
        await cluster.WaitAsync("more", "Ready", "False", "QuotaExceeded");
    }

    /// <summary>What happens again is counted on the event that there is.</summary>
    private static async Task RepeatEventsAsync(TestCluster cluster)
    {
        foreach (var (spec, reason) in new[] { ("suspend: true", "Suspended"), ("replicas: 0", "ScaledToZero"), ("suspend: true", "Suspended") })
        {
            await cluster.ApplyAsync("cached", $"{spec}\ncache: {{persistentVolumeClaim: {{size: 1Gi}}}}");
            await cluster.WaitAsync("cached", "Ready", "True", reason);
        }
    }

    private static string Spec(string more) => $$"""
        model:
          huggingFace: {repository: gpustack/Llama-3.2-1B-Instruct-GGUF, file: Llama-3.2-1B-Instruct-Q8_0.gguf}
          secretRef: {name: token}
        {{more}}
        """;
}
