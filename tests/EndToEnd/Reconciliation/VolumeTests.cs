using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>Claims decide where a leader may stand.</summary>
public class VolumeTests
{
    [Fact]
    public async Task A_deployment_waits_for_its_claim_and_then_runs_where_the_volume_is()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 3);
        var cancellation = TestContext.Current.CancellationToken;
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyAsync("small", "cache: {persistentVolumeClaim: {claimName: models}}");
        var waiting = await cluster.WaitForAsync<ModelDeployment>(
            "small", deployment => deployment.Status?.Rejected?.Exists(rejection => rejection.Reason == "VolumeTopology") is true);
        Assert.Contains("claim models: it does not exist", waiting.Status!.Rejected!.Single(rejection => rejection.Reason == "VolumeTopology").Message, StringComparison.Ordinal);
        Assert.Empty(await cluster.ListAsync<V1StatefulSet>());

        var node = $"{cluster.Namespace}-gpu-2";
        await cluster.Client.CreateAsync(VolumeOn(node, cluster.Namespace), cancellation);
        try
        {
            await cluster.Client.CreateAsync(ClaimOf(cluster.Namespace), cancellation);

            var ready = await cluster.WaitAsync("small", "Ready", "True");
            Assert.Equal(node, Assert.Single(ready.Status!.Groups!).Leader!.Node);
        }
        finally
        {
            await cluster.Client.DeleteAsync<V1PersistentVolume>(cluster.Namespace, null, cancellationToken: CancellationToken.None);
        }
    }

    private static V1PersistentVolume VolumeOn(string node, string name) => new()
    {
        ApiVersion = "v1",
        Kind = "PersistentVolume",
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1PersistentVolumeSpec
        {
            Capacity = new(StringComparer.Ordinal) { ["storage"] = "100Gi" },
            AccessModes = ["ReadWriteOnce"],
            PersistentVolumeReclaimPolicy = "Retain",
            StorageClassName = "",
            Local = new V1LocalVolumeSource { Path = "/models" },
            NodeAffinity = new V1VolumeNodeAffinity
            {
                Required = new V1NodeSelector
                {
                    NodeSelectorTerms =
                    [
                        new V1NodeSelectorTerm
                        {
                            MatchExpressions = [new V1NodeSelectorRequirement { Key = "kubernetes.io/hostname", Operator = "In", Values = [node] }],
                        },
                    ],
                },
            },
        },
    };

    private static V1PersistentVolumeClaim ClaimOf(string name) => new()
    {
        ApiVersion = "v1",
        Kind = "PersistentVolumeClaim",
        Metadata = new V1ObjectMeta { Name = "models", Namespace = name },
        Spec = new V1PersistentVolumeClaimSpec
        {
            AccessModes = ["ReadWriteOnce"],
            StorageClassName = "",
            VolumeName = name,
            Resources = new V1VolumeResourceRequirements { Requests = new(StringComparer.Ordinal) { ["storage"] = "100Gi" } },
        },
    };
}
