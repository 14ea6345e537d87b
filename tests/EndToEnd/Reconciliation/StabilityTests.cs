using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;

namespace GpuStack.EndToEnd.Reconciliation;

public class StabilityTests
{
    [Fact]
    public async Task A_restarted_operator_changes_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using (OperatorRun.Start(cluster))
        {
            await cluster.ApplyAsync("small");
            await cluster.WaitAsync("small", "Ready", "True");
        }
        var before = await FingerprintAsync(cluster);
        await cluster.AddNodesAsync("better", 2, "NVIDIA-L40S", "46068Mi");

        await using (OperatorRun.Start(cluster))
        {
            // A second deployment that becomes Ready shows that the new run has looked at everything.
            await cluster.ApplyAsync("later");
            await cluster.WaitAsync("later", "Ready", "True");
            Assert.Equal(before, await FingerprintAsync(cluster));
        }
    }

    [Fact]
    public async Task Other_settings_of_the_operator_restart_no_group()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        await using (OperatorRun.Start(cluster))
        {
            await cluster.ApplyAsync("small");
            await cluster.WaitAsync("small", "Ready", "True");
        }
        var before = await FingerprintAsync(cluster);

        await using (OperatorRun.Start(cluster, settings => settings with
        {
            CpuRequestMillis = 2000,
            LlamaCppImages = OperatorSettings.DefaultLlamaCppImages.SetItem("nvidia", "registry.example.com/newer:2"),
        }))
        {
            await cluster.ApplyAsync("later");
            await cluster.WaitAsync("later", "Ready", "True");
            Assert.Equal(before, await FingerprintAsync(cluster));
        }
    }

    [Fact]
    public async Task A_changed_spec_that_fits_nowhere_leaves_the_running_group_alone()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Ready", "True");
        var before = await FingerprintAsync(cluster);

        await cluster.ApplyAsync("small", "engine: {contextLength: 4000000}");
        var refused = await cluster.WaitAsync("small", "Planned", "False", "NothingFits");

        Assert.Contains(refused.Status!.Conditions!, condition => condition is { Type: "Ready", Status: "True" });
        Assert.NotEmpty(refused.Status.Suggestions!);
        Assert.Equal(before, await FingerprintAsync(cluster));

        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Planned", "True");
        Assert.Equal(before, await FingerprintAsync(cluster));
    }

    [Fact]
    public async Task A_changed_spec_reaches_the_groups_one_after_another()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small", "replicas: 2");
        await cluster.WaitAsync("small", "Ready", "True");
        var before = (await cluster.ListAsync<V1Pod>()).ToDictionary(pod => pod.Metadata.Name!, pod => pod.Metadata.Uid);

        await cluster.ApplyAsync("small", "replicas: 2\nengine: {args: [--verbose]}");
        await cluster.WaitForAsync<ModelDeployment>("small", deployment =>
            deployment.Status?.ObservedGeneration == deployment.Metadata.Generation
            && deployment.Status is { UpdatedReplicas: 2, ReadyReplicas: 2 });

        var after = await cluster.ListAsync<V1Pod>();
        Assert.All(after, pod => Assert.NotEqual(before[pod.Metadata.Name!], pod.Metadata.Uid));
        Assert.All(after, pod => Assert.Contains("--verbose", pod.Spec!.Containers![0].Args!));
    }

    [Fact]
    public async Task A_spec_change_that_alters_no_pod_restarts_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Ready", "True");
        var before = await FingerprintAsync(cluster);

        await cluster.ApplyAsync("small", "access: {service: {port: 80}}");
        await cluster.WaitForAsync<V1Service>("small", service => service.Spec!.Ports![0].Port == 80);
        await cluster.WaitAsync("small", "Ready", "True");

        Assert.Equal(before, await FingerprintAsync(cluster));
    }

    /// <summary>What must not change of a group that goes on running.</summary>
    private static async Task<string> FingerprintAsync(TestCluster cluster)
    {
        var sets = (await cluster.ListAsync<V1StatefulSet>()).Where(set => set.Metadata.Name!.StartsWith("small", StringComparison.Ordinal))
            .Select(set => $"{set.Metadata.Name} {set.Metadata.Uid} {set.Metadata.Generation}");
        var pods = (await cluster.ListAsync<V1Pod>()).Where(pod => pod.Metadata.Name!.StartsWith("small", StringComparison.Ordinal))
            .Select(pod => $"{pod.Metadata.Name} {pod.Metadata.Uid} {pod.Spec!.NodeName}");
        return string.Join('\n', sets.Concat(pods).Order());
    }
}
