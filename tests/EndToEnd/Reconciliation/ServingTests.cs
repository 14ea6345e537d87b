using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>Groups of vLLM and SGLang from the deployment to Ready.</summary>
public class ServingTests
{
    [Theory]
    [InlineData("type: VLLM", 2, 2)]
    [InlineData("type: VLLM, distribution: Ray", 2, 2)]
    [InlineData("type: VLLM, rayHead: Dedicated", 2, 3)]
    [InlineData("type: SGLang", 2, 2)]
    [InlineData("type: SGLang", 1, 1)]
    public async Task A_group_becomes_ready_with_all_its_pods(string engine, int nodes, int pods)
    {
        await using var cluster = await TestCluster.StartAsync(nodes);
        await using var run = OperatorRun.Start(cluster);
        var weights = nodes > 1 ? "26Gi" : "12Gi";

        await cluster.ApplyYamlAsync("m", $$$"""
            model:
              image: {reference: "registry.example.com/models/m:1", path: m}
              profile: {weightSize: {{{weights}}}, layers: 32, hiddenSize: 4096, attentionHeads: 32, keyValueHeads: 8}
            engine: {{{{engine}}}, contextLength: 4096}
            """);
        var ready = await cluster.WaitAsync("m", "Ready", "True", "Ready");

        Assert.Equal(nodes, ready.Status!.Groups!.Single().Workers is { Count: var workers } ? workers + 1 : 1);
        Assert.Equal(engine.Contains("SGLang", StringComparison.Ordinal) ? "SGLang" : "VLLM", ready.Status.Engine!.Type);
        Assert.Equal((1, nodes), (ready.Status.Engine.TensorParallelism, ready.Status.Engine.PipelineParallelism));
        Assert.Equal("Safetensors", ready.Status.Model!.Format);
        Assert.Equal(pods, (await cluster.ListAsync<V1Pod>()).Count);
        Assert.Equal(pods > nodes, (await cluster.ListAsync<V1StatefulSet>()).Any(set => set.Metadata.Name == "m-0-h"));
    }
}
