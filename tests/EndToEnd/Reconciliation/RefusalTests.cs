using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>What cannot be done is said, and nothing is created.</summary>
public class RefusalTests
{
    [Fact]
    public async Task An_object_of_somebody_else_is_never_taken_over()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        var cancellation = TestContext.Current.CancellationToken;
        await cluster.Client.CreateAsync(
            new V1Service
            {
                ApiVersion = "v1",
                Kind = "Service",
                Metadata = new V1ObjectMeta { Name = "small", Namespace = cluster.Namespace },
                Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 1234 }], Selector = new() { ["app"] = "mine" } },
            },
            cancellation);
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyAsync("small");
        var stalled = await cluster.WaitAsync("small", "Stalled", "True", "NameConflict");

        Assert.Contains("Service small", stalled.Status!.Conditions!.Single(condition => condition.Type == "Stalled").Message, StringComparison.Ordinal);
        Assert.Equal(1234, (await cluster.ListAsync<V1Service>()).Single(service => service.Metadata.Name == "small").Spec!.Ports![0].Port);
    }

    // A hub does not tell a stranger whether a repository exists: it answers 401 for one that does not.
    [Theory]
    [InlineData("gpustack/Llama-3.2-1B-Instruct-GGUF", "ModelNotFound")]
    [InlineData("gpustack/Nothing-GGUF", "AccessDenied")]
    public async Task A_model_that_does_not_exist_is_named(string repository, string reason)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyYamlAsync("missing", $"model: {{huggingFace: {{repository: {repository}, file: nothing.gguf}}}}");
        var stalled = await cluster.WaitAsync("missing", "Stalled", "True", reason);

        Assert.Contains("nothing.gguf", stalled.Status!.Conditions!.Single(condition => condition.Type == "Ready").Message, StringComparison.Ordinal);
        Assert.Empty(await cluster.ListAsync<V1StatefulSet>());
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/model.gguf")]
    [InlineData("http://169.254.169.254/latest/model.gguf")]
    [InlineData("http://[::1]:1/model.gguf")]
    public async Task A_URL_into_the_clusters_own_network_is_refused(string url)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyYamlAsync("inside", $"model: {{url: {{url: \"{url}\"}}}}");

        await cluster.WaitAsync("inside", "Stalled", "True", "AddressForbidden");
    }

    [Fact]
    public async Task A_secret_that_does_not_exist_is_named()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyYamlAsync("gated", """
            model:
              huggingFace: {repository: gpustack/Llama-3.2-1B-Instruct-GGUF, file: Llama-3.2-1B-Instruct-Q8_0.gguf}
              secretRef: {name: token}
            """);
        var stalled = await cluster.WaitAsync("gated", "Stalled", "True", "SecretNotFound");

        Assert.Contains("token", stalled.Status!.Conditions!.Single(condition => condition.Type == "Stalled").Message, StringComparison.Ordinal);
    }
}
