using System.Text.Json.Nodes;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>What a quota of the namespace refuses stands in the status, and goes when there is room.</summary>
public class QuotaTests
{
    // The StatefulSet controller is refused the pod, a claim of ours is refused to us.
    [Theory]
    [InlineData("requests.nvidia.com/gpu", "", "create Pod small-0-0 in StatefulSet small-0 failed error: pods \"small-0-0\" is forbidden: exceeded quota: team, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=0, limited: requests.nvidia.com/gpu=0")]
    [InlineData("count/statefulsets.apps", "", "statefulsets.apps \"small-0\" is forbidden: exceeded quota: team, requested: count/statefulsets.apps=1, used: count/statefulsets.apps=0, limited: count/statefulsets.apps=0")]
    [InlineData("requests.storage", "cache: {persistentVolumeClaim: {size: 10Gi}}", "persistentvolumeclaims \"small-cache\" is forbidden: exceeded quota: team, requested: requests.storage=10Gi, used: requests.storage=0, limited: requests.storage=0")]
    public async Task A_deployment_beyond_the_quota_says_so_and_becomes_Ready_when_there_is_room(string what, string spec, string words)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        Assert.SkipUnless(cluster.IsOwn, "The quota is put into the store of the simulated cluster.");
        cluster.Store.Create(BuiltInResources.ResourceQuotas, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "team", ["namespace"] = cluster.Namespace },
            ["spec"] = new JsonObject { ["hard"] = new JsonObject { [what] = "0" } },
        });
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyAsync("small", spec);
        var refused = await cluster.WaitAsync("small", "Ready", "False", "QuotaExceeded");

        Assert.Contains(words, Message(refused, "Ready"), StringComparison.Ordinal);
        Assert.Equal(("False QuotaExceeded", "True Retrying", "False NotStalled"), (State(refused, "Scheduled"), State(refused, "Reconciling"), State(refused, "Stalled")));

        cluster.Store.Modify(BuiltInResources.ResourceQuotas, cluster.Namespace, "team", quota => quota["spec"]!["hard"]![what] = "100Gi");
        await cluster.WaitAsync("small", "Ready", "True", "Ready");
        // A refusal of before is known until the pods were looked for again.
        var settled = await cluster.WaitAsync("small", "Reconciling", "False", "Settled");
        Assert.Equal(("True Ready", "True Scheduled"), (State(settled, "Ready"), State(settled, "Scheduled")));
    }

    private static string Message(ModelDeployment deployment, string type) => deployment.Status!.Conditions!.Single(condition => condition.Type == type).Message!;

    private static string State(ModelDeployment deployment, string type)
    {
        var condition = deployment.Status!.Conditions!.Single(condition => condition.Type == type);
        return $"{condition.Status} {condition.Reason}";
    }
}
