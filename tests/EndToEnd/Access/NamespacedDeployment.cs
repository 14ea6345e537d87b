using GpuStack.EndToEnd.Reconciliation;
using GpuStack.Entities.Manifests;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;

namespace GpuStack.EndToEnd.Access;

/// <summary>A deployment of one GPU, called small, in one of several namespaces of a test.</summary>
internal static class NamespacedDeployment
{
    public static Task<ModelDeployment> ApplyAsync(TestCluster cluster, string namespaceName)
    {
        var manifest = cluster.Manifest("small", "model: {huggingFace: {repository: gpustack/Llama-3.2-1B-Instruct-GGUF, file: Llama-3.2-1B-Instruct-Q8_0.gguf}}")
            .Replace($"namespace: {cluster.Namespace}\n", $"namespace: {namespaceName}\n", StringComparison.Ordinal);
        return cluster.Client.ApplyAsync(ModelDeploymentReader.Read(manifest, "test.yaml"), new ApplyOptions("test", force: true), TestContext.Current.CancellationToken);
    }

    public static Task<ModelDeployment> ReadyAsync(TestCluster cluster, string namespaceName) => cluster.WaitForAsync<ModelDeployment>(
        "small", deployment => deployment.Status?.Conditions?.Exists(condition => condition is { Type: "Ready", Status: "True" }) is true, namespaceName);
}
