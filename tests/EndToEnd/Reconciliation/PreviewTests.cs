using System.Text.Json.Nodes;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary><c>plan</c> against a cluster says beforehand what the operator then does.</summary>
public class PreviewTests
{
    private const string Model = "model: {huggingFace: {repository: gpustack/Llama-3.2-1B-Instruct-GGUF, file: Llama-3.2-1B-Instruct-Q8_0.gguf}}";

    [Theory]
    [InlineData("engine: {args: [--no-warmup]}", "Restart")]
    [InlineData("engine: {contextLength: 4096}", "Restart")]
    [InlineData("replicas: 2", "Unchanged,Create")]
    [InlineData("access: {service: {port: 9000}}", "Unchanged")]
    [InlineData("placement: {nodeSelector: {pool: NAMESPACE, kubernetes.io/hostname: NAMESPACE-gpu-1}}", "Move")]
    [InlineData("placement: {nodeSelector: {pool: NAMESPACE, kubernetes.io/hostname: nowhere}}", "Keep")]
    [InlineData("suspend: true", "Remove")]
    public async Task What_plan_says_of_a_change_is_what_happens_when_it_is_applied(string change, string actions)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyYamlAsync("small", Model);
        await cluster.WaitAsync("small", "Ready", "True");
        await cluster.WaitAsync("small", "Reconciling", "False");
        var before = await PodsAsync(cluster);
        var changed = $"{Model}\n{change.Replace("NAMESPACE", cluster.Namespace, StringComparison.Ordinal)}";

        var preview = await PlanAsync(cluster, changed);
        await cluster.ApplyYamlAsync("small", changed);

        var changes = preview["changes"]!.AsArray();
        Assert.Equal(actions, string.Join(',', changes.Select(one => (string?)one!["action"])));
        var kept = actions == "Keep";
        Assert.Equal(!kept, (bool)preview["feasible"]!);
        var settled = await cluster.WaitAsync("small", kept ? "Planned" : "Reconciling", "False");
        // Pods go a moment after their StatefulSet.
        foreach (var removed in changes.Where(one => (string?)one!["action"] == "Remove"))
            await cluster.WaitUntilGoneAsync<V1Pod>($"small-{(int)removed!["group"]!}-0");
        var after = await PodsAsync(cluster);
        foreach (var one in changes)
        {
            var group = (int)one!["group"]!;
            Assert.Equal((string?)one["to"]?["leader"]!["node"], Leader(settled, group));
            var same = before.GetValueOrDefault(group) is { } was && was == after.GetValueOrDefault(group);
            Assert.Equal((string?)one["action"] is "Unchanged" or "Keep", same);
        }
    }

    [Fact]
    public async Task A_deployment_that_is_not_there_is_all_new_and_a_tree_says_so()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);

        string[] file = ["--model", Repository.PathOf("samples", "models", "gpustack", "Llama-3.2-1B-Instruct-GGUF", "Llama-3.2-1B-Instruct-Q8_0.gguf")];

        var plan = await PlanAsync(cluster, Model, file);
        Assert.Equal("Create", (string?)Assert.Single(plan["changes"]!.AsArray())!["action"]);
        Assert.Contains("group 0: new on", (await RunAsync(cluster, Model, file)).Output, StringComparison.Ordinal);
    }

    private static string? Leader(ModelDeployment deployment, int group) => deployment.Status!.Groups?.Find(one => one.Index == group)?.Leader?.Node;

    /// <summary>The uid of each group's leader pod.</summary>
    private static async Task<Dictionary<int, string?>> PodsAsync(TestCluster cluster) => (await cluster.ListAsync<V1Pod>())
        .Where(pod => pod.Metadata.DeletionTimestamp is null && pod.Metadata.Labels?.GetValueOrDefault("inference.gpustack.io/role") is "leader")
        .ToDictionary(pod => int.Parse(pod.Metadata.Labels!["inference.gpustack.io/group"], System.Globalization.CultureInfo.InvariantCulture), pod => pod.Metadata.Uid);

    /// <summary>Of a deployment that runs the model is known by its plan; of another it must be read.</summary>
    private static async Task<JsonObject> PlanAsync(TestCluster cluster, string spec, params string[] more)
    {
        var result = await RunAsync(cluster, spec, ["--output", "json", .. more]);
        Assert.True(result.ExitCode is 0 or 1, result.ToString());
        return result.Json;
    }

    private static async Task<OperatorProcess.Result> RunAsync(TestCluster cluster, string spec, params string[] more)
    {
        var kubeconfig = await cluster.WriteKubeconfigAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, cluster.Manifest("small", spec), TestContext.Current.CancellationToken);
            return await OperatorProcess.RunAgainstAsync(kubeconfig, ["plan", "-f", file, .. more]);
        }
        finally
        {
            File.Delete(file);
            File.Delete(kubeconfig);
        }
    }
}
